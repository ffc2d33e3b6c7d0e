import FoundationEssentials
import Postgres

/// What became of jobs that were to run again.
package struct Redriven: Sendable, Equatable {
    /// Ready again, under their old ids.
    package var redriven: [JobID] = []
    package var refused: [JobID: RedriveRefusal] = [:]
}

extension JobLedger {
    /// Redrives and the removal of old days exclude each other, else a job could be counted as dropped and run again.
    static let retentionLock = "hashtext('job_retention')"

    /// Lets ended jobs run again under their old ids: dead and failed ones, whose payloads were kept.
    ///
    /// One transaction. The epoch goes on growing, so that whatever still comes from an earlier run is refused. Attempts
    /// and deaths start anew, and a deadline is as far away as it was at acceptance; an idempotency key that still is this job's lives on; a parent that has not
    /// ended waits for the child again. A `tenant` of nil redrives anybody's.
    package func redrive(_ ids: [JobID], tenant: String? = nil) async throws -> Redriven {
        guard !ids.isEmpty else { return Redriven() }
        let kinds = JobKind.all
        let parameters: [PostgresValue] = [
            .uuids(ids.sortedForLocks), PostgresValue(tenant), .texts(kinds.map(\.name)),
            .ints(kinds.map { Int64($0.retryPolicy.maxAttempts) }),
        ]
        var attempt = 1
        while true {
            do {
                let rows = try await pool.transaction { transaction in
                    _ = try await transaction.query("SELECT pg_advisory_xact_lock_shared(\(Self.retentionLock))", [])
                    return try await transaction.query(Self.redriveSQL, parameters)
                }
                return try await outcome(of: ids, in: rows, tenant: tenant)
            } catch let error as PostgresError {
                guard error.isConflict, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    private func outcome(of ids: [JobID], in rows: PostgresRows, tenant: String?) async throws -> Redriven {
        let done = Set(try rows.map { JobID(try $0.get(0, as: UUID.self)) })
        var outcome = Redriven(redriven: ids.filter(done.contains))
        for id in ids where !done.contains(id) {
            outcome.refused[id] =
                switch try await summary(id, tenant: tenant) {
                case nil: .notFound
                case let job? where !job.state.isTerminal: .notEnded
                case let job? where job.isDiscarded: .discarded
                case let job? where job.state == .succeeded: .succeeded
                case let job? where job.state == .cancelled: .cancelled
                default: .childrenAlive
                }
        }
        return outcome
    }

    /// Row out of the results, row into the live jobs; with it the log, the key, the parent, the audit's memory, and a
    /// place in the tenant's line: behind what it has waiting, so that a thousand dead letters push nobody aside.
    ///
    /// A row that somebody else redrives at the same moment is locked, then found gone: it comes back once.
    private static let redriveSQL = """
        WITH gone AS (
            DELETE FROM job_result r
            WHERE r.id = ANY ($1) AND r.day = ANY (ARRAY(SELECT DISTINCT uuid_v7_day(id) FROM unnest($1) AS wanted(id)))
              AND r.state::text IN ('dead', 'failed') AND r.payload IS NOT NULL AND r.discarded_at IS NULL
              AND ($2::text IS NULL OR r.tenant = $2)
              AND (SELECT count(*) FROM (SELECT FROM job_live child WHERE child.parent_id = r.id LIMIT 1) any_child) = 0
            RETURNING r.*
        ), logged AS (
            INSERT INTO job_attempt (job_id, lease_epoch, attempt, worker, started_at, ended_at, outcome, error)
            SELECT id, lease_epoch, attempt, lease_owner, started_at, finished_at, 'redriven', error FROM gone
        ), keys AS (
            UPDATE job_key k SET expires_at = 'infinity'
            WHERE k.job_id = ANY (ARRAY(SELECT id FROM gone)) AND k.expires_at < 'infinity' RETURNING k.job_id, k.key
        ), told AS MATERIALIZED (
            SELECT parent_id, count(*) AS back FROM gone WHERE parent_id IS NOT NULL GROUP BY 1 ORDER BY 1
        ), parents AS (
            UPDATE job_live p
            SET children_open = p.children_open + t.back, children_failed = greatest(0, p.children_failed - t.back)
            FROM told t
            WHERE p.id = ANY (ARRAY(SELECT parent_id FROM told)) AND p.id = t.parent_id AND p.children_total > 0
        ), forgotten AS (
            DELETE FROM audit_hour WHERE hour IN (
                SELECT date_trunc('hour', to_timestamp(
                    ('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0), 'UTC') FROM gone)
        ), line AS (
            INSERT INTO tenant_clock AS c (lane, tenant, vtime)
            SELECT g.lane, g.tenant, v.vtime + sum(g.cost) FROM gone g JOIN lane_clock v ON v.lane = g.lane
            GROUP BY g.lane, g.tenant, v.vtime ORDER BY 1, 2
            ON CONFLICT (lane, tenant) DO UPDATE SET vtime = greatest(
                excluded.vtime,
                c.vtime + excluded.vtime - (SELECT v.vtime FROM lane_clock v WHERE v.lane = excluded.lane))
            RETURNING lane, tenant, vtime
        )
        INSERT INTO job_live (
            id, tenant, cluster, lane, kind, payload_version, payload, state, cost, vtime, run_at, deadline,
            allowance, accepted_at, attempt,
            max_attempts, lease_epoch, last_error, idempotency_key, request_id, traceparent, parent_id,
            dispatch_generation)
        SELECT g.id, g.tenant, g.cluster, g.lane, g.kind, g.payload_version, g.payload, 'queued', g.cost,
               l.vtime - sum(g.cost) OVER (PARTITION BY g.lane, g.tenant)
                       + sum(g.cost) OVER (PARTITION BY g.lane, g.tenant ORDER BY g.id),
               now(), now() + g.allowance, g.allowance, g.accepted_at, 0,
               coalesce((SELECT n FROM unnest($3::text[], $4::bigint[]) AS k(name, n) WHERE k.name = g.kind), 1),
               g.lease_epoch + 1, g.error, k.key, g.request_id, g.traceparent, g.parent_id,
               (SELECT generation FROM doorbell)
        FROM gone g JOIN line l ON l.lane = g.lane AND l.tenant = g.tenant
        LEFT JOIN keys k ON k.job_id = g.id
        RETURNING id
        """
}
