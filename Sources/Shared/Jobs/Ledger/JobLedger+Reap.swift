import Postgres

/// What one sweep over dead leases did.
package struct Reaped: Sendable, Equatable {
    /// Jobs that are ready again.
    package var requeued = 0
    /// Jobs given up: their workers died too often, or they were to be cancelled anyway.
    package var ended = 0
}

extension JobLedger {
    /// Takes jobs back whose lease has run out, by the server's clock.
    ///
    /// The attempt is not charged: a worker's death is not the job's failure. The death of the owner's process counts in
    /// `crash_count`, but only when the process is really gone: not seen for a whole lease. From ``crashesToIsolate`` on
    /// the job runs alone in a process of its own; at ``maxCrashes`` it is dead, for it takes whole machines down.
    package func reap(limit: Int = 500) async throws -> Reaped {
        let rows = try await query(
            Self.reapSQL,
            [.int(Int64(limit)), .double(Self.leaseLength.inSeconds), .int(Int64(Self.maxCrashes))]
        )
        guard let row = rows.first else { return Reaped() }
        return Reaped(requeued: Int(try row.get(0, as: Int64.self)), ended: Int(try row.get(1, as: Int64.self)))
    }

    /// Forgets processes that have not been seen for an hour.
    func forgetDeadWorkers() async throws {
        _ = try await query("DELETE FROM worker WHERE last_seen < now() - interval '1 hour'", [])
    }

    /// The silent are found in the order of their index: in that of their ids, the planner may read the whole table's.
    private static let reapSQL = """
        WITH silent AS MATERIALIZED (
            SELECT id FROM job_live
            WHERE state = 'running' AND lease_until < now() AND started_at >= \(floor(of: .running))
            ORDER BY started_at LIMIT $1
        ), expired AS MATERIALIZED (
            SELECT j.id, j.lease_epoch, j.lease_owner, j.attempt, j.started_at, j.cancel_requested,
                   j.crash_count + CASE WHEN EXISTS (
                       SELECT 1 FROM worker w
                       WHERE w.id = j.lease_owner AND w.last_seen > now() - make_interval(secs => $2)
                   ) THEN 0 ELSE 1 END AS crashes
            FROM job_live j
            WHERE j.id = ANY (ARRAY(SELECT id FROM silent)) AND j.state::text = 'running' AND j.lease_until < now()
            ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
        ), verdict AS (
            SELECT *, CASE WHEN cancel_requested THEN 'cancelled' WHEN crashes >= $3 THEN 'dead' END AS final_state
            FROM expired
        ), requeued AS (
            UPDATE job_live j
            SET state = 'queued', lease_epoch = j.lease_epoch + 1, lease_owner = NULL, lease_until = NULL,
                dispatched_at = NULL, attempt = j.attempt - 1, crash_count = v.crashes, \(raisedToClock("j"))
            FROM verdict v
            WHERE j.id = ANY (ARRAY(SELECT id FROM verdict WHERE final_state IS NULL)) AND j.id = v.id
              AND j.state::text = 'running' AND j.lease_epoch = v.lease_epoch
            RETURNING j.id
        ), logged AS (
            INSERT INTO job_attempt (job_id, lease_epoch, attempt, worker, started_at, outcome)
            SELECT v.id, v.lease_epoch, v.attempt, v.lease_owner, v.started_at, 'lease_expired'
            FROM verdict v JOIN requeued USING (id)
        ), gone AS (
            DELETE FROM job_live j USING verdict v
            WHERE j.id = ANY (ARRAY(SELECT id FROM verdict WHERE final_state IS NOT NULL)) AND j.id = v.id
              AND j.state::text = 'running' AND j.lease_epoch = v.lease_epoch
            RETURNING j.*, v.final_state, v.crashes
        ), ended AS (
            SELECT *, NULL::text AS result,
                   CASE final_state WHEN 'dead' THEN \(quoted(.poison)) ELSE \(quoted(.cancelled)) END AS error
            FROM gone
        ), \(endingCTEs)
        SELECT (SELECT count(*) FROM requeued), (SELECT count(*) FROM stored)
        """
}
