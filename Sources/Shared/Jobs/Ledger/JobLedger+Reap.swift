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
    /// The death of the owner's process counts against the job only when the process is really gone: not seen for a
    /// whole lease. A job that has seen ``maxCrashes`` of them is dead: it would take the next worker down as well.
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

    private static let reapSQL = """
        WITH expired AS MATERIALIZED (
            SELECT j.id, j.lease_epoch, j.lease_owner, j.attempt, j.started_at, j.cancel_requested,
                   j.crash_count + CASE WHEN EXISTS (
                       SELECT 1 FROM worker w
                       WHERE w.id = j.lease_owner AND w.last_seen > now() - make_interval(secs => $2)
                   ) THEN 0 ELSE 1 END AS crashes, j.max_attempts
            FROM job_live j
            WHERE j.state = 'running' AND j.lease_until < now()
            ORDER BY j.id LIMIT $1 FOR UPDATE OF j SKIP LOCKED
        ), verdict AS (
            SELECT *, CASE WHEN cancel_requested THEN 'cancelled'
                           WHEN crashes >= $3 OR attempt >= max_attempts THEN 'dead' END AS final_state
            FROM expired
        ), requeued AS (
            UPDATE job_live j
            SET state = 'queued', lease_epoch = j.lease_epoch + 1, lease_owner = NULL, lease_until = NULL,
                dispatched_at = NULL, crash_count = v.crashes
            FROM verdict v
            WHERE j.id = v.id AND v.final_state IS NULL AND j.state = 'running' AND j.lease_epoch = v.lease_epoch
            RETURNING j.id
        ), logged AS (
            INSERT INTO job_attempt (job_id, lease_epoch, attempt, worker, started_at, outcome)
            SELECT v.id, v.lease_epoch, v.attempt, v.lease_owner, v.started_at, 'lease_expired'
            FROM verdict v JOIN requeued USING (id)
        ), ended AS (
            DELETE FROM job_live j USING verdict v
            WHERE j.id = v.id AND v.final_state IS NOT NULL AND j.state = 'running' AND j.lease_epoch = v.lease_epoch
            RETURNING j.*, v.final_state, v.crashes
        ), keys AS (
            UPDATE job_key k SET expires_at = now() + interval '24 hours'
            FROM ended e WHERE k.tenant = e.tenant AND k.key = e.idempotency_key AND k.job_id = e.id
        ), stored AS (
            INSERT INTO job_result (
                day, id, tenant, lane, kind, state, error, payload, payload_version, attempt, crash_count,
                lease_epoch, lease_owner, accepted_at, started_at, request_id, traceparent, parent_id)
            SELECT uuid_v7_day(id), id, tenant, lane, kind, final_state::job_state,
                   json_build_object(
                       'code', CASE final_state WHEN 'dead' THEN 'worker_died' ELSE 'cancelled' END,
                       'message', CASE final_state
                           WHEN 'dead' THEN 'the worker died or went silent ' || crashes || ' times during this job'
                           ELSE 'cancelled after its worker went silent' END)::text,
                   CASE WHEN final_state = 'dead' THEN payload END, payload_version, attempt, crashes,
                   lease_epoch, lease_owner, accepted_at, started_at, request_id, traceparent, parent_id
            FROM ended RETURNING id
        )
        SELECT (SELECT count(*) FROM requeued), (SELECT count(*) FROM stored)
        """
}
