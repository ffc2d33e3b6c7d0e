package import FoundationEssentials
import Postgres

extension JobLedger {
    /// Parks a job under its lease and accepts its children, all in one transaction.
    ///
    /// The job waits until the last child has ended (with fail-fast: until the first has failed), then it is queued again
    /// and claimed with its counts. Without children it is queued again at once.
    ///
    /// A job whose caller has cancelled it ends instead. Returns false when the lease was lost; then no child was accepted
    /// either.
    package func fanOut(_ lease: Lease, _ fanOut: FanOut, owner: UUID) async throws -> Bool {
        let callback = try fanOut.completion.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let isParked = try await pool.transaction { transaction in
            let parked = try await transaction.query(
                Self.parkSQL,
                [
                    .uuid(lease.job.uuid), .int(lease.epoch), .uuid(owner), .int(Int64(fanOut.children.count)),
                    .bool(fanOut.failFast), PostgresValue(callback),
                ]
            )
            guard parked.count == 1 else { return false }
            for start in stride(from: 0, to: fanOut.children.count, by: 200) {
                let batch = fanOut.children[start..<min(start + 200, fanOut.children.count)].map { child in
                    var child = child
                    child.parent = lease.job
                    return Entry(job: child, ring: false)
                }
                _ = try await transaction.query(Self.acceptSQL, Self.acceptParameters(batch))
            }
            return true
        }
        if isParked { return true }
        // Cancelled in the meantime: it ends here, without children. Otherwise this writes nothing, as the lease is lost.
        return try await complete([Completion(lease: lease, state: .cancelled, failure: .cancelled)], owner: owner)
            .contains(lease)
    }

    /// Ends a job and accepts another in the same transaction: the completion of a parent.
    ///
    /// - Returns: False when the lease was lost; then nothing was accepted either.
    package func complete(_ completion: Completion, followedBy next: NewJob, owner: UUID) async throws -> Bool {
        try await pool.transaction { transaction in
            let ended = try await transaction.query(
                Self.completeSQL,
                Self.completeParameters([completion], owner: owner)
            )
            guard ended.count == 1 else { return false }
            _ = try await transaction.query(
                Self.acceptSQL,
                Self.acceptParameters([Entry(job: next, ring: false)])
            )
            return true
        }
    }

    /// The results of a parent's children that have succeeded so far, JSON text, in the order of their acceptance.
    ///
    /// A child is accepted after its parent, and most end within days of it.
    package func results(ofChildrenOf parent: JobID) async throws -> [String] {
        try await query(
            """
            SELECT result FROM job_result
            WHERE parent_id = $1 AND day >= uuid_v7_day($1) AND state = 'succeeded' AND result IS NOT NULL ORDER BY id
            """,
            [.uuid(parent.uuid)]
        ).map { try $0.get(0) }
    }

    /// How a child of a parent has ended.
    package struct ChildEnd: Sendable, Equatable {
        package var state: JobState
        /// JSON text.
        package var result: String?
        /// JSON text.
        package var error: String?
        package var finishedAt: Date
    }

    /// The children of a parent that have ended last, oldest first.
    package func lastEnds(ofChildrenOf parent: JobID, limit: Int) async throws -> [ChildEnd] {
        try await query(
            """
            SELECT state, result, error, finished_at FROM (
                SELECT state::text, result, error, finished_at, id FROM job_result
                WHERE parent_id = $1 AND day >= uuid_v7_day($1) ORDER BY finished_at DESC, id DESC LIMIT $2) AS last
            ORDER BY finished_at, id
            """,
            [.uuid(parent.uuid), .int(Int64(limit))]
        ).compactMap { row in
            guard let state = JobState(rawValue: try row.get(0)) else { return nil }
            return ChildEnd(
                state: state,
                result: try row.get(1),
                error: try row.get(2),
                finishedAt: try row.get(3)
            )
        }
    }

    /// Results of children of a kind that have succeeded in the last days, JSON text, the newest first: experience for
    /// estimates.
    package func recentResults(ofChildrenOf kind: JobKind, limit: Int = 200) async throws -> [String] {
        try await query(
            """
            SELECT result FROM job_result
            WHERE parent_id IS NOT NULL AND kind = $1 AND state = 'succeeded' AND result IS NOT NULL
              AND day >= (now() AT TIME ZONE 'UTC')::date - 7
            ORDER BY day DESC, id DESC LIMIT $2
            """,
            [.text(kind.name), .int(Int64(limit))]
        ).map { try $0.get(0) }
    }

    private static let parkSQL = """
        WITH held AS MATERIALIZED (
            SELECT id, lease_epoch, attempt, started_at FROM job_live
            WHERE id = ANY (ARRAY[$1::uuid]) AND lease_epoch = $2 AND lease_owner = $3 AND state::text = 'running'
              AND NOT cancel_requested
            FOR UPDATE
        ), parked AS (
            UPDATE job_live j
            SET state = CASE WHEN $4 > 0 THEN 'scheduled' ELSE 'queued' END::job_state,
                run_at = CASE WHEN $4 > 0 THEN 'infinity' ELSE now() END,
                lease_epoch = j.lease_epoch + 1, lease_owner = NULL, lease_until = NULL, dispatched_at = NULL,
                attempt = j.attempt - 1, children_total = greatest(1, $4), children_open = $4, children_failed = 0,
                fail_fast = $5, callback = $6, \(raisedToClock("j"))
            WHERE j.id = ANY (ARRAY(SELECT id FROM held)) AND j.state::text = 'running'
            RETURNING j.id
        )
        INSERT INTO job_attempt (job_id, lease_epoch, attempt, worker, started_at, outcome)
        SELECT h.id, h.lease_epoch, h.attempt, $3, h.started_at, 'fanned_out' FROM held h JOIN parked USING (id)
        RETURNING job_id
        """
}
