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

/// What one turn did to one schedule.
package struct FireReport: Sendable {
    package let jobs: [JobID]
    /// Fires that the overlap or the catch-up policy dropped.
    package let dropped: Int
}

extension ScheduleStore {
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

    /// Fires what is due of one schedule; nil when nothing is, or when another process is at it.
    ///
    /// More than a batch may be due; then the schedule stays due.
    package func fire(_ id: UUID) async throws -> FireReport? {
        let report = try await pool.transaction { transaction in
            try await fire(id, in: transaction)
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

    private func fire(_ id: UUID, in transaction: PostgresTransaction) async throws -> FireReport? {
        let locked = try await transaction.query(
            "SELECT \(Schedule.columns), now() FROM schedule s WHERE s.id = $1 AND \(Self.mayFire) FOR UPDATE OF s SKIP LOCKED",
            [.uuid(id)]
        )
        guard let row = locked.first else { return nil }
        let schedule = try Schedule(row)
        let now = Moment(try row.get(26, as: Date.self))
        try await probe?(.locked, transaction)

        let recurrence = try schedule.recurrence(in: zones)
        let due = recurrence.due(after: schedule.lastFire, at: now, catchUp: schedule.catchUp)
        let plan = FirePlan(
            due: due?.fires ?? [],
            waiting: schedule.bufferedFire,
            isBusy: schedule.overlap != .allow ? try await isBusy(schedule, transaction) : false,
            policy: schedule.overlap
        )
        let last = due?.decidedUntil ?? schedule.lastFire
        let next = recurrence.next(after: last)
        // A buffered fire is looked at several times a second; nothing is written while it still waits.
        if due == nil, plan.jobs.isEmpty, schedule.nextFire == next?.date ?? .distantFuture { return nil }

        let jobs = try await record(plan.jobs, of: schedule, in: transaction)
        try await drop(plan.dropped, of: schedule, in: transaction)
        try await probe?(.recorded, transaction)
        try await Self.accept(jobs, in: transaction)
        try await probe?(.accepted, transaction)
        let dropped = plan.dropped.count + (due?.dropped ?? 0)
        try await advance(
            schedule,
            to: last,
            next: next,
            zone: recurrence.zone,
            buffered: plan.buffered,
            jobs: jobs,
            dropped: dropped,
            in: transaction
        )
        try await probe?(.advanced, transaction)
        return due == nil && jobs.isEmpty ? nil : FireReport(jobs: jobs.map(\.id), dropped: dropped)
    }

    /// Asked in a statement of its own: the snapshot of the one that took the lock may be older than the fire before.
    private func isBusy(_ schedule: Schedule, _ transaction: PostgresTransaction) async throws -> Bool {
        guard !schedule.openJobs.isEmpty else { return false }
        let rows = try await transaction.query(
            "SELECT id FROM job_live WHERE id = ANY ($1) LIMIT 1",
            [.uuids(schedule.openJobs.map(\.uuid))]
        )
        return !rows.isEmpty
    }

    /// Writes the fires that nobody has written before, and gives their jobs.
    private func record(
        _ fires: [FirePlan.Fire],
        of schedule: Schedule,
        in transaction: PostgresTransaction
    ) async throws -> [NewJob] {
        guard !fires.isEmpty else { return [] }
        let jobs = try fires.map { try schedule.job(for: $0.moment.date, origin: $0.origin) }
        let rows = try await transaction.query(
            """
            INSERT INTO schedule_fire (schedule_id, fire_time_utc, job_id, origin)
            SELECT $1, f.fire_time, f.job_id, f.origin
            FROM unnest($2::timestamptz[], $3::uuid[], $4::text[]) AS f(fire_time, job_id, origin)
            ON CONFLICT (schedule_id, fire_time_utc) DO NOTHING
            RETURNING job_id
            """,
            [
                .uuid(schedule.id), .timestamps(fires.map(\.moment.date)), .uuids(jobs.map(\.id.uuid)),
                .texts(fires.map(\.origin.rawValue)),
            ]
        )
        let fresh = Set(try rows.map { try $0.get(0, as: UUID.self) })
        return jobs.filter { fresh.contains($0.id.uuid) }
    }

    private func drop(
        _ fires: [FirePlan.Fire],
        of schedule: Schedule,
        in transaction: PostgresTransaction
    ) async throws {
        guard !fires.isEmpty else { return }
        try await transaction.query(
            """
            INSERT INTO schedule_fire (schedule_id, fire_time_utc, origin)
            SELECT $1, f.fire_time, f.origin FROM unnest($2::timestamptz[], $3::text[]) AS f(fire_time, origin)
            ON CONFLICT (schedule_id, fire_time_utc) DO NOTHING
            """,
            [.uuid(schedule.id), .timestamps(fires.map(\.moment.date)), .texts(fires.map(\.origin.rawValue))]
        )
    }

    /// Accepts the jobs as any other, in this transaction.
    ///
    /// They are not rung: the keeper rings what waits within a fifth of a second.
    static func accept(_ jobs: [NewJob], in transaction: PostgresTransaction) async throws {
        guard !jobs.isEmpty else { return }
        let entries = jobs.map { JobLedger.Entry(job: $0, ring: false) }
        let rows = try await transaction.query(
            JobLedger.acceptSQL(checkEnded: false),
            JobLedger.acceptParameters(entries)
        )
        guard rows.count == jobs.count else {
            throw JobError(
                .unavailable,
                "the ledger took \(rows.count) of a schedule's \(jobs.count) jobs; none is kept"
            )
        }
    }

    /// Moves the last fire on by compare-and-set, and says when to look again.
    private func advance(
        _ schedule: Schedule,
        to last: Moment,
        next: Moment?,
        zone: ZoneRules,
        buffered: Moment?,
        jobs: [NewJob],
        dropped: Int,
        in transaction: PostgresTransaction
    ) async throws {
        let rows = try await transaction.query(
            """
            UPDATE schedule
            SET last_fire = $3, next_fire = coalesce($4::timestamptz, 'infinity'), zone_fingerprint = $5,
                buffered_fire = $6::timestamptz,
                open_jobs = \(Self.openJobs(adding: "$7")),
                fired = fired + cardinality($7::uuid[]), dropped = dropped + $8
            WHERE id = $1 AND last_fire = $2
            RETURNING id
            """,
            [
                .uuid(schedule.id), .timestamp(schedule.lastFire.date), .timestamp(last.date),
                PostgresValue(next?.date),
                .int(zone.fingerprint), PostgresValue(buffered?.date), .uuids(jobs.map(\.id.uuid)),
                .int(Int64(dropped)),
            ]
        )
        guard rows.count == 1 else {
            throw JobError(.unavailable, "the schedule changed while it was fired; nothing of it was kept")
        }
    }

    /// The newest hundred: enough to see overlaps and streaks of failures, few enough for a row.
    static func openJobs(adding parameter: String) -> String {
        """
        (open_jobs || \(parameter)::uuid[])[greatest(1, cardinality(open_jobs) + cardinality(\(parameter)::uuid[]) - 99):]
        """
    }
}

extension Schedule {
    /// The job of one fire.
    ///
    /// - Throws: ``JobError/Code/invalidSchedule`` when this build does not know the kind.
    func job(for fire: Date, origin: ScheduleFire.Origin) throws -> NewJob {
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
