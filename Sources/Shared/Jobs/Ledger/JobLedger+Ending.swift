extension JobLedger {
    /// The common table expressions that end jobs, however they end: result in, key's clock started, parent told.
    ///
    /// They read `ended`: all columns of the deleted `job_live` rows, and `final_state`, `result` and `error` (JSON text).
    /// Afterwards `stored` holds the ids and epochs.
    ///
    /// A parent is queued again when its last child has ended, or with fail_fast at the first that failed.
    static let endingCTEs = """
        keys AS (
            UPDATE job_key k SET expires_at = now() + interval '24 hours'
            FROM ended e WHERE e.idempotency_key IS NOT NULL
              AND k.tenant = e.tenant AND k.key = e.idempotency_key AND k.job_id = e.id
        ), told AS MATERIALIZED (
            SELECT parent_id, count(*) AS closed, count(*) FILTER (WHERE final_state <> 'succeeded') AS failed
            FROM ended WHERE parent_id IS NOT NULL GROUP BY 1 ORDER BY 1
        ), parents AS (
            UPDATE job_live p
            SET children_open = p.children_open - t.closed, children_failed = p.children_failed + t.failed,
                state = CASE WHEN p.state::text = 'scheduled'
                              AND (p.children_open = t.closed OR (p.fail_fast AND t.failed > 0))
                        THEN 'queued' ELSE p.state END,
                run_at = CASE WHEN p.state::text = 'scheduled'
                              AND (p.children_open = t.closed OR (p.fail_fast AND t.failed > 0))
                         THEN now() ELSE p.run_at END,
                \(raisedToClock("p"))
            FROM told t
            WHERE p.id = ANY (ARRAY(SELECT parent_id FROM told)) AND p.id = t.parent_id AND p.children_total > 0
        ), stored AS (
            INSERT INTO job_result (
                day, id, tenant, cluster, lane, kind, state, result, error, payload, payload_version, attempt,
                crash_count, lease_epoch, lease_owner, accepted_at, started_at, request_id, traceparent, parent_id,
                cost, allowance)
            SELECT uuid_v7_day(id), id, tenant, cluster, lane, kind, final_state::job_state, result, error,
                   CASE WHEN final_state IN ('dead', 'failed') THEN payload END, payload_version, attempt,
                   crash_count, lease_epoch, lease_owner, accepted_at, started_at, request_id, traceparent, parent_id,
                   cost, allowance
            FROM ended
            RETURNING id, lease_epoch
        )
        """
}

extension JobLedger {
    /// A failure of ours as an SQL literal.
    static func quoted(_ failure: JobFailure) -> String {
        "'\(failure.json.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    }
}
