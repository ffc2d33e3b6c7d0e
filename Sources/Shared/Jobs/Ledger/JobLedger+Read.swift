import FoundationEssentials
import Postgres

extension JobLedger {
    /// The job, wherever it stands; nil when there is none of this id for this tenant.
    ///
    /// A `tenant` of nil asks for anybody's job, as operators may.
    package func job(_ id: JobID, tenant: String?) async throws -> JobRecord? {
        let rows = try await query(
            Self.recordSQL(live: "j.id = $1", ended: "r.day = uuid_v7_day($1) AND r.id = $1"),
            [.uuid(id.uuid)]
        )
        return try rows.lazy.map(Self.record).first { tenant == nil || $0.tenant == tenant }
    }

    /// Those of the jobs that have ended.
    package func ended(among ids: [JobID]) async throws -> [JobRecord] {
        guard !ids.isEmpty else { return [] }
        let rows = try await query(
            """
            SELECT \(Self.endedColumns)
            FROM unnest($1::uuid[]) AS wanted(id) JOIN job_result r ON r.day = uuid_v7_day(wanted.id) AND r.id = wanted.id
            """,
            [.uuids(ids.map(\.uuid))]
        )
        return try rows.map(Self.record)
    }

    /// Whether a job of this kind whose payload has this member waits for another attempt after a failed one, or is dead.
    package func hasFailedAttempt(kind: JobKind, member: String, value: String) async throws -> Bool {
        let rows = try await query(
            """
            SELECT EXISTS (SELECT FROM job_live
                           WHERE kind = $1 AND last_error IS NOT NULL AND payload::json ->> $2 = $3)
                OR EXISTS (SELECT FROM job_result
                           WHERE kind = $1 AND state = 'dead' AND payload::json ->> $2 = $3
                             AND day >= (now() AT TIME ZONE 'UTC')::date - 1)
            """,
            [.text(kind.name), .text(member), .text(value)]
        )
        return try rows[0].get(0)
    }

    /// Workers seen within one lease, by lane.
    package func aliveWorkers() async throws -> [Lane: Int] {
        let rows = try await query(
            """
            SELECT lane, count(*) FROM worker, unnest(lanes) AS lane
            WHERE last_seen > now() - make_interval(secs => $1) AND NOT stopping GROUP BY 1
            """,
            [.double(Self.leaseLength.inSeconds)]
        )
        var alive: [Lane: Int] = [:]
        for row in rows {
            if let lane = Lane(rawValue: try row.get(0)) { alive[lane] = Int(try row.get(1, as: Int64.self)) }
        }
        return alive
    }

    private static let endedColumns = """
        r.id, r.tenant, r.lane::text, r.kind, r.state::text, r.attempt, r.accepted_at, NULL::timestamptz,
        r.started_at, r.finished_at, r.result, r.error, NULL::text, r.parent_id
        """

    /// A job moves from one table to the other in one transaction, so one snapshot shows it exactly once.
    ///
    /// A job that waits for its children is running, as its caller sees it, and they are its progress.
    private static func recordSQL(live: String, ended: String) -> String {
        """
        SELECT j.id, j.tenant, j.lane::text, j.kind,
               CASE WHEN j.children_open > 0 AND j.state = 'scheduled' THEN 'running' ELSE j.state::text END,
               j.attempt, j.accepted_at, nullif(j.run_at, 'infinity'), j.started_at, NULL::timestamptz, NULL::text,
               j.last_error,
               CASE WHEN j.children_total = 0 THEN j.progress ELSE json_build_object(
                   'percent', round(100.0 * (j.children_total - j.children_open) / j.children_total, 1),
                   'done', j.children_total - j.children_open, 'total', j.children_total,
                   'message', j.children_failed || ' failed')::text END,
               j.parent_id
        FROM job_live j WHERE \(live)
        UNION ALL
        SELECT \(endedColumns) FROM job_result r WHERE \(ended)
        """
    }

    private static func record(_ row: PostgresRow) throws -> JobRecord {
        let laneName = try row.get(2, as: String.self)
        let stateName = try row.get(4, as: String.self)
        guard let lane = Lane(rawValue: laneName), let state = JobState(rawValue: stateName) else {
            throw JobError(
                .unavailable,
                "the ledger holds the lane \(laneName) and the state \(stateName), unknown to this build"
            )
        }
        return JobRecord(
            id: JobID(try row.get(0, as: UUID.self)),
            tenant: try row.get(1),
            lane: lane,
            kind: try row.get(3),
            state: state,
            attempt: Int(try row.get(5, as: Int64.self)),
            acceptedAt: try row.get(6),
            runAt: try row.get(7),
            startedAt: try row.get(8),
            finishedAt: try row.get(9),
            result: try row.get(10),
            failure: try row.get(11, as: String?.self).map(JobFailure.init(json:)),
            progress: try row.get(12),
            parent: try row.get(13, as: UUID?.self).map(JobID.init)
        )
    }
}
