import Calendar
import FoundationEssentials

/// What one look at a schedule is to change: it follows from the schedule's row and the time alone.
struct FireTurn {
    let schedule: Schedule
    let zone: ZoneRules
    /// Every fire up to and including this one is decided by this turn.
    let last: Moment
    let next: Moment?
    let plan: FirePlan
    /// One for each of the plan's jobs.
    let jobs: [NewJob]
    /// Fires that the overlap or the catch-up policy drops.
    let dropped: Int

    /// Looks at a schedule; nil when there is nothing to write.
    ///
    /// - Parameters:
    ///   - schedule: As it was read under its lock.
    ///   - now: The server's time.
    ///   - zones: The rules of its zone.
    ///   - isBusy: Whether a job of an earlier fire has not ended.
    ///   - batch: The most fires of this turn; what is left stays due.
    /// - Throws: ``JobError/Code/invalidSchedule`` when this build cannot understand the schedule.
    init?(_ schedule: Schedule, now: Moment, zones: ZoneDirectory, isBusy: Bool, batch: Int) throws(JobError) {
        let recurrence = try schedule.recurrence(in: zones)
        let due = recurrence.due(after: schedule.lastFire, at: now, catchUp: schedule.catchUp, batch: batch)
        plan = FirePlan(
            due: due?.fires ?? [],
            waiting: schedule.bufferedFire,
            isBusy: isBusy,
            policy: schedule.overlap
        )
        last = due?.decidedUntil ?? schedule.lastFire
        next = recurrence.next(after: last)
        // A buffered fire is looked at several times a second; nothing is written while it still waits.
        if due == nil, plan.jobs.isEmpty, schedule.nextFire == next?.date ?? .distantFuture { return nil }
        var jobs: [NewJob] = []
        for fire in plan.jobs { jobs.append(try schedule.job(for: fire.moment.date, origin: fire.origin)) }
        self.jobs = jobs
        self.schedule = schedule
        zone = recurrence.zone
        dropped = plan.dropped.count + (due?.dropped ?? 0)
    }
}
