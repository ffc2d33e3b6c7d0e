package import FoundationEssentials
import Postgres

extension JobLedger {
    /// Claims the rung jobs among those named.
    ///
    /// An id that is not returned is a harmless duplicate, or not ours to run: its kind or version is unknown here, its
    /// deadline has passed, or a rule holds it back. `kinds` are the ones this process can run.
    ///
    /// No SKIP LOCKED: a row that another transaction holds for a moment is waited for, since a skipped one would be
    /// acknowledged as a duplicate and wait for the slow path.
    package func claim(_ ids: [JobID], owner: UUID, kinds: [JobKind]) async throws -> [ClaimedJob] {
        guard !ids.isEmpty else { return [] }
        let parameters: [PostgresValue] = [
            .uuid(owner), .double(Self.leaseLength.inSeconds), .texts(kinds.flatMap(\.capabilities)),
            .uuids(ids.map(\.uuid)),
        ]
        let rows = try await query(
            Self.claimSQL(Self.wantedByID + " AND \(Self.noRule) ORDER BY id FOR UPDATE"),
            parameters
        )
        // Nothing at all: duplicates, or there are rules, under which a claim takes more care.
        if rows.count == 0, try await hasRules() { return try await claimUnderRules(parameters) }
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
        let ruled = try await hasRules()
        var claimed: [ClaimedJob] = []
        for lane in lanes.sorted() where claimed.count < limit {
            let head: [PostgresValue] = [.texts(kinds.flatMap(\.capabilities)), .text(lane.rawValue)]
            let left = limit - claimed.count
            if ruled {
                let rows = try await query(
                    Self.headSQL(capabilities: "$1", lane: "$2", limit: "$3", unrung: "$4"),
                    head + [.int(Int64(left)), .bool(unrung)]
                )
                let ids = try rows.map { JobID(try $0.get(0, as: UUID.self)) }
                claimed += try await claim(ids, owner: owner, kinds: kinds)
            } else {
                let rows = try await query(
                    Self.claimSQL(
                        Self.headSQL(capabilities: "$3", lane: "$4", limit: "$5", unrung: "$6")
                            + " FOR UPDATE SKIP LOCKED"
                    ),
                    [.uuid(owner), .double(Self.leaseLength.inSeconds)] + head + [.int(Int64(left)), .bool(unrung)]
                )
                claimed += try rows.map(Self.claimedJob)
            }
        }
        return claimed
    }

    /// Whether a job may start now, apart from rules.
    static let startable = """
        state::text = 'queued' AND NOT held AND run_at <= now() AND NOT cancel_requested
        AND (deadline IS NULL OR deadline > now())
        """

    /// The jobs named by `$4` that may start now and that the capabilities `$3` cover.
    static let wantedByID = """
        SELECT id, tenant, kind, lane, vtime FROM job_live
        WHERE id = ANY ($4) AND \(startable) AND kind || ':' || payload_version = ANY ($3)
        """

    private static func headSQL(capabilities: String, lane: String, limit: String, unrung: String) -> String {
        """
        SELECT id, tenant, kind, lane, vtime FROM job_live
        WHERE lane = \(lane)::text::job_lane AND state = 'queued' AND NOT held AND run_at <= now()
          AND NOT cancel_requested AND (deadline IS NULL OR deadline > now())
          AND kind || ':' || payload_version = ANY (\(capabilities))
          AND vtime >= \(floor(ofLane: "\(lane)::text::job_lane"))
          AND (NOT \(unrung) OR dispatched_at IS NULL OR dispatched_at < now() - interval '30 seconds')
        ORDER BY vtime, id LIMIT \(limit)
        """
    }

    private static func claimSQL(_ wanted: String) -> String {
        "WITH wanted AS MATERIALIZED (\(wanted)) \(takeSQL("SELECT id FROM wanted"))"
    }

    /// Takes the jobs that `ids` selects: epoch and attempt up, owner and lease set.
    ///
    /// `$1` is the owner, `$2` the length of the lease in seconds.
    static func takeSQL(_ ids: String) -> String {
        """
        UPDATE job_live j
        SET state = 'running', lease_epoch = j.lease_epoch + 1, attempt = j.attempt + 1, lease_owner = $1,
            lease_until = now() + make_interval(secs => $2), started_at = clock_timestamp()
        WHERE j.id = ANY (ARRAY(\(ids))) AND j.state::text = 'queued'
        RETURNING j.id, j.lease_epoch, j.tenant, j.lane, j.kind, j.payload_version, j.payload, j.attempt,
                  j.max_attempts, j.accepted_at, extract(epoch FROM j.deadline - now())::float8, j.request_id,
                  j.traceparent, j.cluster, j.crash_count, j.checkpoint, j.children_total, j.children_open,
                  j.children_failed, j.callback
        """
    }

    static func claimedJob(_ row: PostgresRow) throws -> ClaimedJob {
        let kindName = try row.get(4, as: String.self)
        guard let kind = JobKind.named(kindName), let lane = Lane(rawValue: try row.get(3)) else {
            throw JobError(.unavailable, "the ledger gave out a job of the kind \(kindName), which was not asked for")
        }
        let total = Int(try row.get(16, as: Int64.self))
        return ClaimedJob(
            lease: Lease(job: JobID(try row.get(0, as: UUID.self)), epoch: try row.get(1)),
            tenant: try row.get(2),
            cluster: try row.get(13),
            lane: lane,
            kind: kind,
            payloadVersion: Int(try row.get(5, as: Int64.self)),
            payload: try row.get(6),
            attempt: Int(try row.get(7, as: Int64.self)),
            maxAttempts: Int(try row.get(8, as: Int64.self)),
            acceptedAt: try row.get(9),
            timeLeft: try row.get(10, as: Double?.self).map { .seconds($0) },
            requestID: try row.get(11),
            traceparent: try row.get(12),
            crashCount: Int(try row.get(14, as: Int64.self)),
            checkpoint: try row.get(15),
            children: total == 0
                ? nil
                : ChildCounts(
                    total: total,
                    open: Int(try row.get(17, as: Int64.self)),
                    failed: Int(try row.get(18, as: Int64.self))
                ),
            callback: try row.get(19)
        )
    }
}
