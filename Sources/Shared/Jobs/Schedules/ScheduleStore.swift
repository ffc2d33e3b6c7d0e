package import Calendar
package import FoundationEssentials
package import Postgres

/// The schedules in PostgreSQL.
///
/// - A fire is one transaction: the row of `schedule_fire`, its job, and the schedule's new last fire. Whatever dies at
///   whatever moment, the three are there together or not at all.
/// - What is due follows from the stored last fire and the server's `now()`. No timer and no clock of a process counts.
/// - Any number of processes may work on the same schedules; a schedule that another one works on is left to it.
package struct ScheduleStore: Sendable {
    let pool: PostgresPool
    package let zones: ZoneDirectory
    let probe: FireProbe?

    /// Makes a store on these connections; `probe` is for tests, which call for trouble between the steps of a fire.
    package init(pool: PostgresPool, zones: ZoneDirectory = ZoneDirectory(), probe: FireProbe? = nil) {
        self.pool = pool
        self.zones = zones
        self.probe = probe
    }

    /// The same store with zones read anew.
    package func reading(_ zones: ZoneDirectory) -> ScheduleStore {
        ScheduleStore(pool: pool, zones: zones, probe: probe)
    }

    /// Stores a schedule whose first fire is the next one after now.
    ///
    /// - Throws: ``JobError``: `.invalidSchedule` for an unknown zone or an expression that never fires,
    ///   `.scheduleExists` for a name in use.
    package func create(_ new: NewSchedule) async throws {
        guard try await createIfAbsent(new) else {
            throw JobError(.scheduleExists, "\(new.tenant) has a schedule \(new.name) already")
        }
    }

    /// Stores a schedule unless its tenant has one of this name, which stays as it is.
    ///
    /// - Returns: Whether it was stored.
    /// - Throws: ``JobError/Code/invalidSchedule`` as ``create(_:)`` does.
    package func createIfAbsent(_ new: NewSchedule) async throws -> Bool {
        let now = try await self.now()
        let (next, fingerprint) = try firstFire(of: new, after: now)
        let rows = try await pool.query(
            """
            INSERT INTO schedule (
                id, tenant, name, expression, time_zone, gap_policy, fold_policy, catch_up, catch_up_bound, overlap,
                jitter_seconds, kind, lane, payload_version, payload, pause_after_failures, last_fire,
                next_fire, zone_fingerprint, pause_reason, paused_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::job_lane, $14, $15, $16, $17,
                    coalesce($18::timestamptz, 'infinity'), $19, $20, CASE WHEN $20::text IS NOT NULL THEN now() END)
            ON CONFLICT (tenant, name) DO NOTHING RETURNING id
            """,
            [
                .uuid(new.id), .text(new.tenant), .text(new.name), .text(new.expression.text), .text(new.timeZone),
                .text(new.clockChanges.gap.rawValue), .text(new.clockChanges.fold.rawValue), .text(new.catchUp.word),
                .int(new.catchUp.bound), .text(new.overlap.rawValue), .int(Int64(new.jitterSeconds)),
                .text(new.kind.name), .text(new.lane.rawValue), .int(Int64(new.kind.payloadVersion)),
                .text(new.payload),
                .int(Int64(new.pauseAfterFailures)), .timestamp(now.date), PostgresValue(next?.date),
                .int(fingerprint), PostgresValue(new.pauseReason),
            ]
        )
        return rows.count == 1
    }

    /// The first fire after a moment, with the print of the zone's rules it was found by.
    func firstFire(of new: NewSchedule, after now: Moment) throws(JobError) -> (fire: Moment?, fingerprint: Int64) {
        let zone = try JobError.translating { () throws(CalendarError) in try zones.zone(new.timeZone) }
        let recurrence = Recurrence(new.expression, zone: zone, policy: new.clockChanges)
        try JobError.translating { () throws(CalendarError) in try recurrence.requireFire(after: now) }
        try new.requireBounds()
        return (recurrence.next(after: now), zone.fingerprint)
    }

    /// All schedules, or those of one tenant, by name.
    package func list(tenant: String? = nil) async throws -> [Schedule] {
        try await pool.query(
            "SELECT \(Schedule.columns) FROM schedule s WHERE s.tenant = coalesce($1::text, s.tenant) ORDER BY tenant, name",
            [PostgresValue(tenant)]
        ).map(Schedule.init)
    }

    /// The schedule of this id.
    ///
    /// - Throws: ``JobError/Code/noSchedule``.
    package func schedule(_ id: UUID) async throws -> Schedule {
        let rows = try await pool.query("SELECT \(Schedule.columns) FROM schedule s WHERE s.id = $1", [.uuid(id)])
        guard let row = rows.first else { throw Self.missing(id) }
        return try Schedule(row)
    }

    /// Stops it from firing.
    ///
    /// Fires that come due meanwhile are not made up for.
    package func pause(_ id: UUID, reason: String) async throws {
        try await change(
            "UPDATE schedule SET paused_at = coalesce(paused_at, now()), pause_reason = $2 WHERE id = $1 RETURNING id",
            [.uuid(id), .text(reason)]
        )
    }

    /// Removes it with the record of its fires; its jobs stay.
    package func delete(_ id: UUID) async throws {
        try await change("DELETE FROM schedule WHERE id = $1 RETURNING id", [.uuid(id)])
    }

    /// The latest decided fires, newest first, with the state of their jobs; only those before a moment if one is given.
    package func fires(of id: UUID, before: Date? = nil, limit: Int) async throws -> [ScheduleFire] {
        let rows = try await pool.query(
            """
            SELECT fire_time_utc, origin, job_id FROM schedule_fire
            WHERE schedule_id = $1 AND fire_time_utc < coalesce($2::timestamptz, 'infinity')
            ORDER BY fire_time_utc DESC LIMIT $3
            """,
            [.uuid(id), PostgresValue(before), .int(Int64(limit))]
        )
        let jobs = try rows.compactMap { try $0.get(2, as: UUID?.self) }
        // A job moves from one table to the other in one transaction, so one snapshot shows it exactly once.
        let stateRows = try await pool.query(
            """
            SELECT id, state::text FROM job_live WHERE id = ANY ($1)
            UNION ALL
            SELECT r.id, r.state::text
            FROM unnest($1::uuid[]) AS wanted(id) JOIN job_result r ON r.day = uuid_v7_day(wanted.id) AND r.id = wanted.id
            """,
            [.uuids(jobs)]
        )
        var states: [UUID: JobState] = [:]
        for row in stateRows { states[try row.get(0)] = JobState(rawValue: try row.get(1)) }
        return try rows.map { row in
            let job = try row.get(2, as: UUID?.self)
            return ScheduleFire(
                time: try row.get(0),
                origin: ScheduleFire.Origin(rawValue: try row.get(1)) ?? .schedule,
                job: job.map(JobID.init),
                state: job.flatMap { states[$0] }
            )
        }
    }

    /// The server's time: the only clock of schedules.
    package func now() async throws -> Moment {
        Moment(try await pool.query("SELECT now()").one().get(0, as: Date.self))
    }

    /// What an id that is not there, or not the caller's, is answered with.
    package static func missing(_ id: UUID) -> JobError {
        JobError(
            .noSchedule,
            "there is no schedule \(id.uuidString.lowercased()); `cloudoptim schedules list` shows them"
        )
    }

    private func change(_ sql: String, _ parameters: [PostgresValue]) async throws {
        guard try await pool.query(sql, parameters).count == 1 else {
            if case .uuid(let id) = parameters[0] { throw Self.missing(id) }
            return
        }
    }
}
