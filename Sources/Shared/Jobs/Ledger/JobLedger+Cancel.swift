import FoundationEssentials
import Postgres

/// What a cancel found.
package struct Cancelled: Sendable, Equatable {
    /// Jobs that waited and have ended as cancelled: the job itself, or children of it.
    package var ended: [JobID] = []
    /// Jobs that run; their workers are told within two seconds.
    package var told: [JobID] = []
}

extension JobLedger {
    /// Cancels a job and its children: what waits ends at once, what runs is told.
    ///
    /// Race-safe: a job that ended first keeps its end (nothing is found here), and a running job that was told never
    /// ends as succeeded any more. A `tenant` of nil cancels anybody's job.
    package func cancel(_ id: JobID, tenant: String?) async throws -> Cancelled {
        try await cancel(id, tenant: tenant, includingItself: true)
    }

    /// Cancels what is left of a parent's children.
    package func cancel(childrenOf parent: JobID) async throws -> Cancelled {
        try await cancel(parent, tenant: nil, includingItself: false)
    }

    private func cancel(_ id: JobID, tenant: String?, includingItself: Bool) async throws -> Cancelled {
        let rows = try await query(
            """
            WITH RECURSIVE family AS (
                SELECT id FROM job_live WHERE id = ANY (ARRAY[$1::uuid]) AND ($2::text IS NULL OR tenant = $2)
                UNION SELECT child.id FROM family f, LATERAL (
                    SELECT id FROM job_live WHERE parent_id = f.id) child
            ), target AS MATERIALIZED (
                SELECT id, state::text AS state FROM job_live
                WHERE id = ANY (ARRAY(SELECT id FROM family)) AND ($3 OR id <> $1) ORDER BY id FOR UPDATE
            ), told_to_stop AS (
                UPDATE job_live SET cancel_requested = true
                WHERE id = ANY (ARRAY(SELECT id FROM target WHERE state = 'running')) AND state::text = 'running'
                RETURNING id
            ), gone AS (
                DELETE FROM job_live
                WHERE id = ANY (ARRAY(SELECT id FROM target WHERE state <> 'running')) AND state::text <> 'running'
                RETURNING *
            ), ended AS (
                SELECT *, 'cancelled' AS final_state, NULL::text AS result, \(Self.quoted(.cancelled)) AS error FROM gone
            ), \(Self.endingCTEs)
            SELECT id, true FROM stored UNION ALL SELECT id, false FROM told_to_stop
            """,
            [.uuid(id.uuid), PostgresValue(tenant), .bool(includingItself)]
        )
        var cancelled = Cancelled()
        for row in rows {
            let id = JobID(try row.get(0, as: UUID.self))
            if try row.get(1, as: Bool.self) { cancelled.ended.append(id) } else { cancelled.told.append(id) }
        }
        return cancelled
    }

    /// Ends waiting jobs whose deadline has passed; what runs is stopped by its worker.
    ///
    /// - Returns: The jobs that ended.
    package func endOverdue(limit: Int = 1000) async throws -> [JobID] {
        let rows = try await query(
            """
            WITH target AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE deadline IS NOT NULL AND deadline < now() AND deadline >= \(Self.floor(of: .deadline))
                  AND state::text <> 'running'
                ORDER BY deadline LIMIT $1 FOR UPDATE SKIP LOCKED
            ), gone AS (
                DELETE FROM job_live WHERE id = ANY (ARRAY(SELECT id FROM target)) AND state::text <> 'running' RETURNING *
            ), ended AS (
                SELECT *, 'failed' AS final_state, NULL::text AS result, \(Self.quoted(.deadlineExceeded)) AS error
                FROM gone
            ), \(Self.endingCTEs)
            SELECT id FROM stored
            """,
            [.int(Int64(limit))]
        )
        return try rows.map { JobID(try $0.get(0, as: UUID.self)) }
    }
}
