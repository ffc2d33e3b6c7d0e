extension JobLedger {
    /// Beyond this many active clusters a tenant's jobs are paced by the tenant's own clock: counting on would cost more
    /// than it gains.
    private static let mostFlows = 1000

    /// The common table expressions that give jobs their places in the fair order, and move the clocks on.
    ///
    /// They read `fresh` (id, lane, tenant, cluster, cost, n: the order among them) and leave `tagged` (id, vtime).
    ///
    /// Start-time fair queueing: a job's virtual time is that of its cluster's last job, or the lane's when the cluster was
    /// idle, plus its cost times the number of its tenant's active clusters. So tenants share a lane equally, and a
    /// tenant's clusters share its part, however many there are.
    static let fairTagCTEs = """
        flow AS MATERIALIZED (
            SELECT f.lane, f.tenant, f.cluster, f.total, v.vtime AS now, coalesce(c.vtime <= v.vtime, true)::int AS is_new
            FROM (SELECT lane::job_lane AS lane, tenant, cluster, sum(cost) AS total FROM fresh GROUP BY 1, 2, 3) f
            JOIN lane_clock v ON v.lane = f.lane
            LEFT JOIN flow_clock c ON c.lane = f.lane AND c.tenant = f.tenant AND c.cluster = f.cluster
        ), tenant AS MATERIALIZED (
            SELECT lane, tenant, now, sum(total) AS total, sum(is_new) + (
                       SELECT count(*) FROM (
                           SELECT FROM flow_clock c
                           WHERE c.lane = flow.lane AND c.tenant = flow.tenant AND c.block >= floor(now / 4096)
                             AND c.vtime > now
                           LIMIT \(mostFlows)) active) AS flows
            FROM flow GROUP BY 1, 2, 3
        ), tenant_time AS (
            INSERT INTO tenant_clock AS c (lane, tenant, vtime)
            SELECT lane, tenant, now + total FROM tenant ORDER BY lane, tenant
            ON CONFLICT (lane, tenant) DO UPDATE SET vtime = greatest(
                excluded.vtime,
                c.vtime + excluded.vtime - (SELECT v.vtime FROM lane_clock v WHERE v.lane = excluded.lane))
            RETURNING lane, tenant, vtime
        ), flow_time AS (
            INSERT INTO flow_clock AS c (lane, tenant, cluster, vtime)
            SELECT f.lane, f.tenant, f.cluster, f.now + f.total * t.flows
            FROM flow f JOIN tenant t USING (lane, tenant) ORDER BY f.lane, f.tenant, f.cluster
            ON CONFLICT (lane, tenant, cluster) DO UPDATE SET vtime = greatest(
                excluded.vtime,
                c.vtime + excluded.vtime - (SELECT v.vtime FROM lane_clock v WHERE v.lane = excluded.lane))
            RETURNING lane, tenant, cluster, vtime
        ), tagged AS MATERIALIZED (
            SELECT f.id, greatest(
                c.vtime - t.flows * (w.total
                    - sum(f.cost) OVER (PARTITION BY f.lane, f.tenant, f.cluster ORDER BY f.n)),
                CASE WHEN t.flows >= \(mostFlows)
                     THEN s.vtime - t.total + sum(f.cost) OVER (PARTITION BY f.lane, f.tenant ORDER BY f.n) END
            ) AS vtime
            FROM fresh f
            JOIN tenant t ON t.lane = f.lane::job_lane AND t.tenant = f.tenant
            JOIN flow w ON w.lane = t.lane AND w.tenant = f.tenant AND w.cluster = f.cluster
            JOIN tenant_time s ON s.lane = t.lane AND s.tenant = f.tenant
            JOIN flow_time c ON c.lane = t.lane AND c.tenant = f.tenant AND c.cluster = f.cluster
        )
        """
}
