package import Calendar
package import FoundationEssentials
import Postgres

/// What people order: fires beside the calendar.
extension ScheduleStore {
    /// The most fires that one order makes up for; a larger range is ordered in parts.
    package static let backfillLimit = 1000

    /// Fires once, now, whatever the overlap policy says and even while paused.
    package func runNow(_ id: UUID) async throws -> JobID {
        try await pool.transaction { transaction in
            let (schedule, now) = try await lock(id, in: transaction)
            let job = try schedule.job(for: now, origin: .runNow)
            try await transaction.query(
                "INSERT INTO schedule_fire (schedule_id, fire_time_utc, job_id, origin) VALUES ($1, $2, $3, 'run_now')",
                [.uuid(id), .timestamp(now), .uuid(job.id.uuid)]
            )
            try await JobLedger.accept([job], in: transaction)
            try await note([job], of: id, in: transaction)
            return job.id
        }
    }

    /// Fires what the calendar asked for in a range of the past and what made no job then; ordering it twice changes
    /// nothing.
    ///
    /// - Throws: ``JobError/Code/invalidSchedule`` for a range that is reversed, not past, or has too many fires.
    package func backfill(_ id: UUID, from: Moment, through end: Moment) async throws -> [JobID] {
        try await pool.transaction { transaction in
            let (schedule, now) = try await lock(id, in: transaction)
            guard from <= end, end <= Moment(now) else {
                throw JobError(.invalidSchedule, "a range to backfill begins before it ends, and ends before now")
            }
            let fires = try schedule.recurrence(in: zones)
                .fires(after: from.adding(seconds: -1), through: end, limit: Self.backfillLimit + 1)
            guard fires.count <= Self.backfillLimit else {
                throw JobError(
                    .invalidSchedule,
                    "the range has more than \(Self.backfillLimit) fires; the first so many end at \(fires[Self.backfillLimit - 1])"
                )
            }
            let jobs = try fires.map { try schedule.job(for: $0.date, origin: .backfill) }
            let rows = try await transaction.query(
                """
                INSERT INTO schedule_fire AS f (schedule_id, fire_time_utc, job_id, origin)
                SELECT $1, w.fire_time, w.job_id, 'backfill'
                FROM unnest($2::timestamptz[], $3::uuid[]) AS w(fire_time, job_id)
                ON CONFLICT (schedule_id, fire_time_utc) DO UPDATE
                    SET job_id = excluded.job_id, origin = excluded.origin, fired_at = now()
                    WHERE f.job_id IS NULL
                RETURNING job_id
                """,
                [.uuid(id), .timestamps(fires.map(\.date)), .uuids(jobs.map(\.id.uuid))]
            )
            let fresh = Set(try rows.map { try $0.get(0, as: UUID.self) })
            let accepted = jobs.filter { fresh.contains($0.id.uuid) }
            try await JobLedger.accept(accepted, in: transaction)
            try await note(accepted, of: id, in: transaction)
            return accepted.map(\.id)
        }
    }

    /// Lets it fire again, from the next fire after now, with a clean record of failures.
    ///
    /// Also the way back after a server clock that was far ahead: the fires it made then are not made again.
    package func resume(_ id: UUID) async throws {
        try await pool.transaction { transaction in
            let (schedule, date) = try await lock(id, in: transaction)
            let last = schedule.pausedAt == nil ? schedule.lastFire : Moment(date)
            // What this build cannot understand is left to the scheduler, which says so.
            let recurrence = try? schedule.recurrence(in: zones)
            try await transaction.query(
                """
                UPDATE schedule
                SET paused_at = NULL, pause_reason = NULL, failure_streak = 0,
                    buffered_fire = CASE WHEN paused_at IS NULL THEN buffered_fire END, last_fire = $2,
                    next_fire = CASE WHEN $3 THEN coalesce($4::timestamptz, 'infinity') ELSE '-infinity' END,
                    zone_fingerprint = $5
                WHERE id = $1
                """,
                [
                    .uuid(id), .timestamp(last.date), .bool(recurrence != nil),
                    PostgresValue(recurrence?.next(after: last)?.date), .int(recurrence?.zone.fingerprint ?? 0),
                ]
            )
        }
    }

    /// Changes when and how it fires; what is decided stays decided, and a new time of firing begins now.
    ///
    /// - Parameters:
    ///   - id: Which schedule.
    ///   - change: What it becomes, from what it is; its kind, name and tenant stay what they are.
    /// - Returns: The schedule as it is then.
    /// - Throws: ``JobError/Code/noSchedule``, ``JobError/Code/invalidSchedule``, and what `change` throws.
    package func update(_ id: UUID, _ change: @Sendable (Schedule) async throws -> NewSchedule) async throws -> Schedule
    {
        try await pool.transaction { transaction in
            let (schedule, date) = try await lock(id, in: transaction)
            let new = try await change(schedule)
            let isRetimed =
                new.expression != schedule.expression || new.timeZone != schedule.timeZone
                || new.clockChanges != schedule.clockChanges
            let last = isRetimed ? max(schedule.lastFire, Moment(date)) : schedule.lastFire
            let (next, fingerprint) = try firstFire(of: new, after: last)
            let rows = try await transaction.query(
                """
                UPDATE schedule s
                SET expression = $2, time_zone = $3, gap_policy = $4, fold_policy = $5, catch_up = $6, catch_up_bound = $7,
                    overlap = $8, jitter_seconds = $9, lane = $10::text::job_lane, payload_version = $11, payload = $12,
                    pause_after_failures = $13, last_fire = $14, next_fire = coalesce($15::timestamptz, 'infinity'),
                    zone_fingerprint = $16
                WHERE id = $1 RETURNING \(Schedule.columns)
                """,
                [
                    .uuid(id), .text(new.expression.text), .text(new.timeZone), .text(new.clockChanges.gap.rawValue),
                    .text(new.clockChanges.fold.rawValue), .text(new.catchUp.word), .int(new.catchUp.bound),
                    .text(new.overlap.rawValue), .int(Int64(new.jitterSeconds)), .text(new.lane.rawValue),
                    .int(Int64(new.kind.payloadVersion)), .text(new.payload), .int(Int64(new.pauseAfterFailures)),
                    .timestamp(last.date), PostgresValue(next?.date), .int(fingerprint),
                ]
            )
            return try Schedule(rows.one())
        }
    }

    /// Waits for whoever works on the schedule.
    private func lock(_ id: UUID, in transaction: PostgresTransaction) async throws -> (Schedule, now: Date) {
        let rows = try await transaction.query(
            "SELECT \(Schedule.columns), now() FROM schedule s WHERE s.id = $1 FOR UPDATE",
            [.uuid(id)]
        )
        guard let row = rows.first else { throw Self.missing(id) }
        return (try Schedule(row), try row.get(26))
    }

    private func note(_ jobs: [NewJob], of id: UUID, in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            UPDATE schedule s SET open_jobs = \(Self.openJobs(adding: "$2::uuid[]")), fired = fired + cardinality($2::uuid[])
            WHERE id = $1
            """,
            [.uuid(id), .uuids(jobs.map(\.id.uuid))]
        )
    }
}
