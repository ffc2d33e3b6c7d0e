package import FoundationEssentials
import Postgres

extension JobLedger {
    /// Claims the rung jobs among those named.
    ///
    /// An id that is not returned is a harmless duplicate, or not ours to run.
    ///
    /// No SKIP LOCKED: a row that another transaction holds for a moment is waited for, since a skipped one would be
    /// acknowledged as a duplicate and wait for the slow path.
    package func claim(_ ids: [JobID], owner: UUID, kinds: [JobKind]) async throws -> [ClaimedJob] {
        guard !ids.isEmpty else { return [] }
        let rows = try await query(
            Self.claimSQL(
                """
                SELECT id FROM job_live
                WHERE id = ANY ($4) AND state::text = 'queued' AND run_at <= now() AND NOT cancel_requested
                  AND kind = ANY ($3)
                ORDER BY id FOR UPDATE
                """
            ),
            [
                .uuid(owner), .double(Self.leaseLength.inSeconds), .texts(kinds.map(\.name)),
                .uuids(ids.map(\.uuid)),
            ]
        )
        return try rows.map(Self.claimedJob)
    }

    /// Claims straight from the ledger, in fair order: for times without Redis, and for what a lost ring left behind.
    ///
    /// With `unrung`, only jobs that nobody has rung, or rung so long ago that the ring must be lost.
    package func claimDirectly(
        limit: Int,
        lanes: [Lane],
        owner: UUID,
        kinds: [JobKind],
        unrung: Bool
    ) async throws -> [ClaimedJob] {
        var claimed: [ClaimedJob] = []
        for lane in lanes.sorted() where claimed.count < limit {
            let rows = try await query(
                Self.claimSQL(
                    """
                    SELECT id FROM job_live
                    WHERE lane = $4::text::job_lane AND state = 'queued' AND run_at <= now() AND NOT cancel_requested
                      AND kind = ANY ($3)
                      AND (NOT $6 OR dispatched_at IS NULL OR dispatched_at < now() - interval '30 seconds')
                    ORDER BY vtime, id LIMIT $5 FOR UPDATE SKIP LOCKED
                    """
                ),
                [
                    .uuid(owner), .double(Self.leaseLength.inSeconds), .texts(kinds.map(\.name)),
                    .text(lane.rawValue), .int(Int64(limit - claimed.count)), .bool(unrung),
                ]
            )
            claimed += try rows.map(Self.claimedJob)
        }
        return claimed
    }

    private static func claimSQL(_ wanted: String) -> String {
        """
        WITH wanted AS MATERIALIZED (\(wanted))
        UPDATE job_live j
        SET state = 'running', lease_epoch = j.lease_epoch + 1, attempt = j.attempt + 1, lease_owner = $1,
            lease_until = now() + make_interval(secs => $2), started_at = clock_timestamp()
        WHERE j.id = ANY (ARRAY(SELECT id FROM wanted)) AND j.state::text = 'queued'
        RETURNING j.id, j.lease_epoch, j.tenant, j.lane, j.kind, j.payload_version, j.payload, j.attempt,
                  j.max_attempts, j.accepted_at, j.deadline, j.request_id, j.traceparent
        """
    }

    private static func claimedJob(_ row: PostgresRow) throws -> ClaimedJob {
        let kindName = try row.get(4, as: String.self)
        guard let kind = JobKind.named(kindName), let lane = Lane(rawValue: try row.get(3)) else {
            throw JobError(.unavailable, "the ledger gave out a job of the kind \(kindName), which was not asked for")
        }
        return ClaimedJob(
            lease: Lease(job: JobID(try row.get(0, as: UUID.self)), epoch: try row.get(1)),
            tenant: try row.get(2),
            lane: lane,
            kind: kind,
            payloadVersion: Int(try row.get(5, as: Int64.self)),
            payload: try row.get(6),
            attempt: Int(try row.get(7, as: Int64.self)),
            maxAttempts: Int(try row.get(8, as: Int64.self)),
            acceptedAt: try row.get(9),
            deadline: try row.get(10),
            requestID: try row.get(11),
            traceparent: try row.get(12)
        )
    }
}
