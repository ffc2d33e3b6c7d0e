package import FoundationEssentials
import Postgres

/// What a running job leaves in the ledger on its way; nil leaves what stands there.
package struct ProgressReport: Sendable {
    package let lease: Lease
    package var progress: JobProgress?
    /// JSON text that the next attempt is given, should this one not finish.
    package var checkpoint: String?

    package init(lease: Lease, progress: JobProgress? = nil, checkpoint: String? = nil) {
        self.lease = lease
        self.progress = progress
        self.checkpoint = checkpoint
    }
}

extension JobLedger {
    /// Writes progress and checkpoints under their leases.
    ///
    /// - Returns: The leases that still held; the others' reports were not written.
    package func report(_ reports: [ProgressReport], owner: UUID) async throws -> Set<Lease> {
        guard !reports.isEmpty else { return [] }
        let rows = try await query(
            """
            WITH input AS (
                SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])
                    AS t(id, epoch, progress, checkpoint)
            ), held AS MATERIALIZED (
                SELECT id, lease_epoch FROM job_live
                WHERE id = ANY ($1) AND lease_owner = $5 AND state::text = 'running'
                ORDER BY id FOR UPDATE
            ), mine AS MATERIALIZED (
                SELECT i.* FROM input i JOIN held h ON h.id = i.id AND h.lease_epoch = i.epoch
            )
            UPDATE job_live j
            SET progress = coalesce(m.progress, j.progress), checkpoint = coalesce(m.checkpoint, j.checkpoint)
            FROM mine m
            WHERE j.id = ANY (ARRAY(SELECT id FROM mine)) AND j.id = m.id
              AND j.lease_owner = $5 AND j.state::text = 'running'
            RETURNING j.id, j.lease_epoch
            """,
            [
                .uuids(reports.map(\.lease.job.uuid)), .ints(reports.map(\.lease.epoch)),
                .texts(reports.map { $0.progress?.json }), .texts(reports.map(\.checkpoint)), .uuid(owner),
            ]
        )
        return try Self.leases(in: rows)
    }
}
