import Calendar
import FoundationEssentials

extension Schedule {
    /// The job of one fire.
    ///
    /// - Throws: ``JobError/Code/invalidSchedule`` when this build does not know the kind.
    func job(for fire: Date, origin: ScheduleFire.Origin) throws(JobError) -> NewJob {
        guard let kind = JobKind.named(kindName) else {
            throw JobError(
                .invalidSchedule,
                "this build knows no job kind \(kindName); a newer scheduler fires \(name)"
            )
        }
        var job = NewJob(
            tenant: tenant,
            kind: kind,
            payload: payload,
            lane: lane,
            payloadVersion: payloadVersion
        )
        job.requestID = "schedule:\(name):\(Moment(fire)):\(origin.rawValue)"
        if jitterSeconds > 0, origin == .schedule {
            let identity = withUnsafeBytes(of: id.uuid) { Array($0) }
            let wait = Jitter.seconds(schedule: identity, fire: Moment(fire), below: Int64(jitterSeconds))
            job.runAt = Moment(fire).adding(seconds: wait).date
        }
        return job
    }
}
