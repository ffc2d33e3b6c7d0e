package import FoundationEssentials
import Postgres

/// A job as operators see it: everything but its payload and its result.
package struct JobSummary: Sendable {
    package let id: JobID
    package let tenant: String
    package let cluster: String
    package let lane: Lane
    package let kind: String
    package let state: JobState
    package let attempt: Int
    package let crashCount: Int
    package let acceptedAt: Date
    /// When it may run, or could; nil for an ended one, and while it waits for children.
    package let runAt: Date?
    package let startedAt: Date?
    package let finishedAt: Date?
    package let deadline: Date?
    /// Why it ended badly, or why its last attempt did.
    package let failure: JobFailure?
    /// JSON text {percent, message, …}.
    package let progress: String?
    package let parent: JobID?
    /// The process that runs it, or ended it.
    package let worker: UUID?
    /// A rule keeps it from starting.
    package let isHeld: Bool
    package let isCancelRequested: Bool
    package let children: ChildCounts?
    /// Given up by an operator: its payload is gone.
    package let isDiscarded: Bool
}

extension JobSummary {
    static let liveColumns = """
        j.id, j.tenant, j.cluster, j.lane::text, j.kind, j.state::text, j.attempt, j.crash_count, j.accepted_at,
        CASE WHEN isfinite(j.run_at) THEN j.run_at END, j.started_at, NULL::timestamptz, j.deadline, j.last_error,
        j.progress, j.parent_id, j.lease_owner, j.held, j.cancel_requested, j.children_total, j.children_open,
        j.children_failed, false
        """
    static let endedColumns = """
        r.id, r.tenant, r.cluster, r.lane::text, r.kind, r.state::text, r.attempt, r.crash_count, r.accepted_at,
        NULL::timestamptz, r.started_at, r.finished_at, NULL::timestamptz, r.error, NULL::text, r.parent_id,
        r.lease_owner, false, false, 0, 0, 0, r.discarded_at IS NOT NULL
        """

    /// Reads the columns above, the first of which is number `first`.
    init(_ row: PostgresRow, from first: Int = 0) throws {
        let laneName = try row.get(first + 3, as: String.self)
        let stateName = try row.get(first + 5, as: String.self)
        guard let lane = Lane(rawValue: laneName), let state = JobState(rawValue: stateName) else {
            throw JobError(
                .unavailable,
                "the ledger holds the lane \(laneName) and the state \(stateName), unknown to this build"
            )
        }
        func count(_ column: Int) throws -> Int { Int(try row.get(first + column, as: Int64.self)) }
        let children = try count(19)
        self.init(
            id: JobID(try row.get(first, as: UUID.self)),
            tenant: try row.get(first + 1),
            cluster: try row.get(first + 2),
            lane: lane,
            kind: try row.get(first + 4),
            state: state,
            attempt: try count(6),
            crashCount: try count(7),
            acceptedAt: try row.get(first + 8),
            runAt: try row.get(first + 9),
            startedAt: try row.get(first + 10),
            finishedAt: try row.get(first + 11),
            deadline: try row.get(first + 12),
            failure: try row.get(first + 13, as: String?.self).map(JobFailure.init(json:)),
            progress: try row.get(first + 14),
            parent: try row.get(first + 15, as: UUID?.self).map(JobID.init),
            worker: try row.get(first + 16),
            isHeld: try row.get(first + 17),
            isCancelRequested: try row.get(first + 18),
            children: children == 0 ? nil : ChildCounts(total: children, open: try count(20), failed: try count(21)),
            isDiscarded: try row.get(first + 22)
        )
    }
}

extension JobLedger {
    /// One job as operators see it, wherever it stands; nil when there is none of this id for this tenant.
    package func summary(_ id: JobID, tenant: String?) async throws -> JobSummary? {
        let rows = try await query(
            """
            SELECT \(JobSummary.liveColumns) FROM job_live j WHERE j.id = $1
            UNION ALL
            SELECT \(JobSummary.endedColumns) FROM job_result r WHERE r.day = uuid_v7_day($1) AND r.id = $1
            """,
            [.uuid(id.uuid)]
        )
        return try rows.lazy.map { try JobSummary($0) }.first { tenant == nil || $0.tenant == tenant }
    }
}
