import Calendar
package import FoundationEssentials
package import Postgres

/// The moments of a fire between which a process may die.
package enum FireStep: Sendable, CaseIterable {
    case locked, recorded, accepted, advanced
    /// After COMMIT, before the process learns of it.
    case committed
}

/// Called between the steps of a fire, inside its transaction up to the commit.
package typealias FireProbe = @Sendable (FireStep, PostgresTransaction?) async throws -> Void

extension ScheduleStore {
    /// Jobs of one transaction: its locks are held for a moment only.
    private static let batch = 500

    /// Not paused, and its job's lane, kind and tenant take new jobs.
    ///
    /// Fires of a drained one are undecided: once it is open again they are late, and the catch-up policy has its say.
    private static let mayFire = """
        s.paused_at IS NULL AND NOT EXISTS (
            SELECT FROM queue_rule r
            WHERE r.mode = 'draining' AND (r.scope, r.name) IN (('lane', s.lane::text), ('kind', s.kind), ('tenant', s.tenant)))
        """

    /// Schedules to look at now; when there are more than the limit, the most overdue.
    package func due(limit: Int) async throws -> [UUID] {
        let rows = try await pool.query(
            """
            (SELECT s.id FROM schedule s WHERE \(Self.mayFire) AND s.next_fire <= now() ORDER BY s.next_fire LIMIT $1)
            UNION
            (SELECT s.id FROM schedule s WHERE \(Self.mayFire) AND s.buffered_fire IS NOT NULL LIMIT $1)
            """,
            [.int(Int64(limit))]
        )
        return try rows.map { try $0.get(0) }
    }

    /// Fires what is due of these schedules, in one transaction; those that another process is at are left to it.
    ///
    /// More may be due than one transaction takes; then the rest stays due.
    package func fire(_ ids: [UUID]) async throws -> FireReport {
        let report = try await pool.transaction { transaction in
            try await fire(ids, in: transaction)
        }
        try await probe?(.committed, nil)
        return report
    }

    /// Looks at the schedule again in a minute: it cannot be understood here, by this build or with this zone database.
    package func postpone(_ id: UUID) async throws {
        try await pool.query(
            "UPDATE schedule SET next_fire = now() + interval '1 minute' WHERE id = $1 AND next_fire <= now()",
            [.uuid(id)]
        )
    }

    private func fire(_ ids: [UUID], in transaction: PostgresTransaction) async throws -> FireReport {
        let rows = try await transaction.query(
            """
            SELECT \(Schedule.columns), now() FROM schedule s WHERE s.id = ANY ($1) AND \(Self.mayFire)
            FOR UPDATE OF s SKIP LOCKED
            """,
            [.uuids(ids)]
        )
        var report = FireReport()
        var schedules: [(schedule: Schedule, now: Moment)] = []
        for row in rows {
            do {
                schedules.append((try Schedule(row), Moment(try row.get(26, as: Date.self))))
            } catch let error as JobError {
                report.problems[try row.get(0)] = error
            }
        }
        guard !schedules.isEmpty else { return report }
        try await probe?(.locked, transaction)

        let live = try await liveJobs(of: schedules.map(\.schedule), in: transaction)
        var turns: [FireTurn] = []
        var room = Self.batch
        for (schedule, now) in schedules where room > 0 {
            let isBusy = schedule.overlap != .allow && schedule.openJobs.contains(where: live.contains)
            do {
                guard let turn = try FireTurn(schedule, now: now, zones: zones, isBusy: isBusy, batch: room) else {
                    continue
                }
                turns.append(turn)
                room -= turn.jobs.count
            } catch {
                report.problems[schedule.id] = error
            }
        }
        guard !turns.isEmpty else { return report }

        let fresh = try await record(turns, in: transaction)
        try await probe?(.recorded, transaction)
        let jobs = turns.flatMap(\.jobs).filter { fresh.contains($0.id) }
        try await JobLedger.accept(jobs, in: transaction)
        try await probe?(.accepted, transaction)
        try await advance(turns, fresh: fresh, in: transaction)
        try await probe?(.advanced, transaction)
        report.jobs = jobs.map(\.id)
        report.dropped = turns.reduce(0) { $0 + $1.dropped }
        return report
    }

    /// Those of their jobs that have not ended.
    ///
    /// Asked in a statement of its own: the snapshot of the one that took the locks may be older than the fires before.
    private func liveJobs(of schedules: [Schedule], in transaction: PostgresTransaction) async throws -> Set<JobID> {
        let open = schedules.filter { $0.overlap != .allow }.flatMap(\.openJobs)
        guard !open.isEmpty else { return [] }
        let rows = try await transaction.query(
            "SELECT id FROM job_live WHERE id = ANY ($1)",
            [.uuids(open.map(\.uuid))]
        )
        return Set(try rows.map { JobID(try $0.get(0, as: UUID.self)) })
    }

    /// Writes the fires, and gives the jobs of those that nobody has written before.
    private func record(_ turns: [FireTurn], in transaction: PostgresTransaction) async throws -> Set<JobID> {
        var fires: [(schedule: UUID, fire: FirePlan.Fire, job: JobID?)] = []
        for turn in turns {
            for (fire, job) in zip(turn.plan.jobs, turn.jobs) { fires.append((turn.schedule.id, fire, job.id)) }
            for fire in turn.plan.dropped { fires.append((turn.schedule.id, fire, nil)) }
        }
        guard !fires.isEmpty else { return [] }
        let rows = try await transaction.query(
            """
            INSERT INTO schedule_fire (schedule_id, fire_time_utc, job_id, origin)
            SELECT f.schedule_id, f.fire_time, f.job_id::uuid, f.origin
            FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[])
                AS f(schedule_id, fire_time, job_id, origin)
            ON CONFLICT (schedule_id, fire_time_utc) DO NOTHING
            RETURNING job_id
            """,
            [
                .uuids(fires.map(\.schedule)), .timestamps(fires.map(\.fire.moment.date)),
                .texts(fires.map { $0.job?.description }), .texts(fires.map(\.fire.origin.rawValue)),
            ]
        )
        return Set(try rows.compactMap { try $0.get(0, as: UUID?.self).map(JobID.init) })
    }

    /// Moves the last fires on by compare-and-set, and says when to look again.
    private func advance(
        _ turns: [FireTurn],
        fresh: Set<JobID>,
        in transaction: PostgresTransaction
    ) async throws {
        let jobs = turns.flatMap { turn in
            turn.jobs.filter { fresh.contains($0.id) }.map { (schedule: turn.schedule.id, job: $0.id.uuid) }
        }
        let rows = try await transaction.query(
            """
            WITH turn AS (
                SELECT t.*, ARRAY(
                           SELECT j.job FROM unnest($8::uuid[], $9::uuid[]) WITH ORDINALITY AS j(schedule, job, n)
                           WHERE j.schedule = t.id ORDER BY j.n) AS jobs
                FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::bigint[],
                            $6::timestamptz[], $7::bigint[])
                    AS t(id, expected, last, next, fingerprint, buffered, dropped)
            )
            UPDATE schedule s
            SET last_fire = t.last, next_fire = coalesce(t.next, 'infinity'), zone_fingerprint = t.fingerprint,
                buffered_fire = t.buffered, open_jobs = \(Self.openJobs(adding: "t.jobs")),
                fired = s.fired + cardinality(t.jobs), dropped = s.dropped + t.dropped
            FROM turn t
            WHERE s.id = t.id AND date_trunc('second', s.last_fire) = t.expected
            RETURNING s.id
            """,
            [
                .uuids(turns.map(\.schedule.id)), .timestamps(turns.map(\.schedule.lastFire.date)),
                .timestamps(turns.map(\.last.date)), .timestamps(turns.map(\.next?.date)),
                .ints(turns.map(\.zone.fingerprint)), .timestamps(turns.map(\.plan.buffered?.date)),
                .ints(turns.map { Int64($0.dropped) }), .uuids(jobs.map(\.schedule)), .uuids(jobs.map(\.job)),
            ]
        )
        guard rows.count == turns.count else {
            throw JobError(.unavailable, "a schedule changed while it was fired; nothing of it was kept")
        }
    }

    /// The newest hundred: enough to see overlaps and streaks of failures, few enough for a row.
    static func openJobs(adding jobs: String) -> String {
        """
        (s.open_jobs || \(jobs))[greatest(1, cardinality(s.open_jobs) + cardinality(\(jobs)) - 99):]
        """
    }
}
