package import Calendar
package import FoundationEssentials
import Postgres

/// A schedule as it stands in the ledger.
package struct Schedule: Sendable {
    package let id: UUID
    package let tenant: String
    package let name: String
    package let expression: CronExpression
    package let timeZone: String
    package let clockChanges: ClockChangePolicy
    package let catchUp: CatchUpPolicy
    package let overlap: OverlapPolicy
    package let jitterSeconds: Int
    package let kindName: String
    package let lane: Lane
    package let payloadVersion: Int
    package let payload: String
    package let pauseAfterFailures: Int
    /// Every fire up to and including this one is decided.
    package let lastFire: Moment
    /// Nil when it is to be found anew; the distant future when it will not fire again.
    package let nextFire: Date?
    package let bufferedFire: Moment?
    /// Jobs of fires that were not yet seen to have ended; the newest hundred.
    package let openJobs: [JobID]
    package let failureStreak: Int
    package let fired: Int
    package let dropped: Int
    package let pausedAt: Date?
    package let pauseReason: String?
    package let createdAt: Date

    /// When it fires, by the rules that the directory holds for its zone.
    package func recurrence(in zones: ZoneDirectory) throws(JobError) -> Recurrence {
        let zone = try JobError.translating { () throws(CalendarError) in try zones.zone(timeZone) }
        return Recurrence(expression, zone: zone, policy: clockChanges)
    }

    static let columns = """
        s.id, s.tenant, s.name, s.expression, s.time_zone, s.gap_policy, s.fold_policy, s.catch_up, s.catch_up_bound,
        s.overlap, s.jitter_seconds, s.kind, s.lane::text, s.payload_version, s.payload, s.pause_after_failures,
        s.last_fire, s.next_fire, s.buffered_fire, s.open_jobs, s.failure_streak, s.fired, s.dropped, s.paused_at,
        s.pause_reason, s.created_at
        """

    /// Reads a row of ``columns``.
    init(_ row: PostgresRow) throws {
        let words = try [5, 6, 7, 9, 12].map { try row.get($0, as: String.self) }
        let bound: Int64 = try row.get(8)
        let text: String = try row.get(3)
        guard let gap = ClockChangePolicy.Gap(rawValue: words[0]),
            let fold = ClockChangePolicy.Fold(rawValue: words[1]),
            let catchUp = CatchUpPolicy(word: words[2], bound: bound), let overlap = OverlapPolicy(rawValue: words[3]),
            let lane = Lane(rawValue: words[4])
        else {
            throw JobError(.invalidSchedule, "the ledger holds a policy unknown to this build: \(words)")
        }
        id = try row.get(0)
        tenant = try row.get(1)
        name = try row.get(2)
        expression = try JobError.translating { () throws(CalendarError) in try CronExpression(text) }
        timeZone = try row.get(4)
        clockChanges = ClockChangePolicy(gap: gap, fold: fold)
        self.catchUp = catchUp
        self.overlap = overlap
        jitterSeconds = try row.get(10)
        kindName = try row.get(11)
        self.lane = lane
        payloadVersion = try row.get(13)
        payload = try row.get(14)
        pauseAfterFailures = try row.get(15)
        lastFire = Moment(try row.get(16, as: Date.self))
        let next: Date = try row.get(17)
        nextFire = next == .distantPast ? nil : next
        bufferedFire = try row.get(18, as: Date?.self).map(Moment.init)
        openJobs = try row.get(19, as: [UUID].self).map(JobID.init)
        failureStreak = try row.get(20)
        fired = try row.get(21)
        dropped = try row.get(22)
        pausedAt = try row.get(23)
        pauseReason = try row.get(24)
        createdAt = try row.get(25)
    }
}

extension Moment {
    /// The whole second that this date lies in.
    package init(_ date: Date) { self.init(seconds: Int64(date.timeIntervalSince1970.rounded(.down))) }

    package var date: Date { Date(timeIntervalSince1970: Double(seconds)) }
}
