import FoundationEssentials
import Postgres

extension JobLedger {
    /// All orders in force.
    package func rules() async throws -> [QueueRule] {
        try await query(
            "SELECT scope, name, mode, max_running::bigint, reason FROM queue_rule ORDER BY scope, name",
            []
        ).compactMap { row in
            guard
                let scope = QueueRule.Scope(rawValue: try row.get(0)),
                let mode = QueueRule.Mode(rawValue: try row.get(2))
            else { return nil }
            return QueueRule(
                scope: scope,
                name: try row.get(1),
                mode: mode,
                maxRunning: try row.get(3, as: Int64?.self).map(Int.init),
                reason: try row.get(4)
            )
        }
    }

    /// Orders a pause or a drain, or with `.open` ends either; a cap stays as it is.
    package func setMode(_ mode: QueueRule.Mode, scope: QueueRule.Scope, name: String, reason: String?) async throws {
        _ = try await query(
            """
            INSERT INTO queue_rule (scope, name, mode, reason) VALUES ($1, $2, $3, $4)
            ON CONFLICT (scope, name) DO UPDATE SET mode = excluded.mode, reason = excluded.reason, changed_at = now()
            """,
            [.text(scope.rawValue), .text(name), .text(mode.rawValue), PostgresValue(reason)]
        )
        try await forgetEmptyRules()
    }

    /// Bounds how many jobs of a kind, a lane or a tenant run at once; nil lifts the bound.
    package func setCap(_ maxRunning: Int?, scope: QueueRule.Scope, name: String) async throws {
        _ = try await query(
            """
            INSERT INTO queue_rule (scope, name, max_running) VALUES ($1, $2, $3)
            ON CONFLICT (scope, name) DO UPDATE SET max_running = excluded.max_running, changed_at = now()
            """,
            [.text(scope.rawValue), .text(name), PostgresValue(maxRunning)]
        )
        try await forgetEmptyRules()
    }

    private func forgetEmptyRules() async throws {
        _ = try await query("DELETE FROM queue_rule WHERE mode = 'open' AND max_running IS NULL", [])
    }

    /// True while a rule keeps some jobs from starting: claims then take more care.
    static let noRule = "NOT EXISTS (SELECT FROM queue_rule WHERE mode = 'paused' OR max_running IS NOT NULL)"

    func hasRules() async throws -> Bool {
        try await query("SELECT NOT \(Self.noRule)", [])[0].get(0)
    }

    /// Claims as far as pauses and caps allow; the rest of the wanted is held until a rule lets it go.
    ///
    /// Claims under caps follow each other, whoever makes them, so that a cap is never exceeded. `parameters` are those of
    /// the plain claim.
    func claimUnderRules(_ parameters: [PostgresValue]) async throws -> [ClaimedJob] {
        let rows = try await pool.transaction { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock(hashtext('queue_rule'))", [])
            return try await transaction.query(Self.claimUnderRulesSQL, parameters)
        }
        return try rows.map(Self.claimedJob)
    }

    /// True for a row `j` that a pause concerns.
    private static func isPaused(_ row: String) -> String {
        """
        EXISTS (SELECT FROM queue_rule r WHERE r.mode = 'paused' AND (
            (r.scope = 'lane' AND r.name = \(row).lane::text) OR (r.scope = 'kind' AND r.name = \(row).kind)
            OR (r.scope = 'tenant' AND r.name = \(row).tenant)))
        """
    }

    /// How many rows of each lane, kind and tenant run.
    private static let runningCTE = """
        running AS MATERIALIZED (
            SELECT lane, kind, tenant, count(*) AS n FROM job_live
            WHERE state = 'running' AND started_at >= \(floor(of: .running)) GROUP BY 1, 2, 3
        )
        """

    /// True for a row whose place among the wanted of its lane, kind or tenant (`in_lane`, …) lies beyond a cap.
    private static func isBeyondCap(_ row: String) -> String {
        func beyond(_ scope: String, _ column: String, _ place: String) -> String {
            let names =
                scope == "tenant" ? "r.name IN (\(row).\(column)::text, '*')" : "r.name = \(row).\(column)::text"
            return """
                EXISTS (SELECT FROM queue_rule r WHERE r.scope = '\(scope)' AND \(names) AND r.max_running < \(row).\(place)
                    + coalesce((SELECT sum(n) FROM running WHERE running.\(column) = \(row).\(column)), 0))
                """
        }
        return [
            beyond("lane", "lane", "in_lane"), beyond("kind", "kind", "in_kind"),
            beyond("tenant", "tenant", "in_tenant"),
        ].joined(separator: " OR ")
    }

    private static let placesCTE = """
        placed AS MATERIALIZED (
            SELECT w.*, row_number() OVER (PARTITION BY w.lane ORDER BY w.vtime, w.id) AS in_lane,
                   row_number() OVER (PARTITION BY w.kind ORDER BY w.vtime, w.id) AS in_kind,
                   row_number() OVER (PARTITION BY w.tenant ORDER BY w.vtime, w.id) AS in_tenant
            FROM wanted w WHERE NOT \(isPaused("w"))
        )
        """

    private static let claimUnderRulesSQL = """
        WITH wanted AS MATERIALIZED (\(wantedByID) ORDER BY id FOR UPDATE), \(runningCTE), \(placesCTE),
        allowed AS MATERIALIZED (SELECT id FROM placed p WHERE NOT (\(isBeyondCap("p")))),
        held AS (
            UPDATE job_live SET held = true, dispatched_at = NULL
            WHERE id = ANY (ARRAY(SELECT id FROM wanted EXCEPT SELECT id FROM allowed)) AND state::text = 'queued'
        )
        \(takeSQL("SELECT id FROM allowed"))
        """

    /// Lets jobs go that no rule holds back any more, in fair order and as far as caps leave room.
    ///
    /// - Returns: How many became ready.
    package func releaseHeld(limit: Int = 1000) async throws -> Int {
        let rows = try await query(
            """
            WITH RECURSIVE groups AS (
                (SELECT tenant, kind, lane FROM job_live WHERE held ORDER BY tenant, kind, lane LIMIT 1)
                UNION ALL
                SELECT next.* FROM groups g, LATERAL (
                    SELECT tenant, kind, lane FROM job_live
                    WHERE held AND (tenant, kind, lane) > (g.tenant, g.kind, g.lane)
                    ORDER BY tenant, kind, lane LIMIT 1) next
            ), wanted AS MATERIALIZED (
                SELECT head.* FROM groups g, LATERAL (
                    SELECT id, tenant, kind, lane, vtime FROM job_live j
                    WHERE j.held AND j.tenant = g.tenant AND j.kind = g.kind AND j.lane = g.lane
                    ORDER BY j.vtime, j.id LIMIT $1) head
                WHERE NOT \(Self.isPaused("g"))
            ), \(Self.runningCTE), \(Self.placesCTE),
            free AS MATERIALIZED (
                SELECT id FROM job_live WHERE held AND id = ANY (ARRAY(
                    SELECT id FROM placed p WHERE NOT (\(Self.isBeyondCap("p"))) ORDER BY vtime, id LIMIT $1))
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE job_live j SET held = false, dispatched_at = NULL, \(Self.raisedToClock("j"))
            WHERE j.id = ANY (ARRAY(SELECT id FROM free)) AND j.held
            RETURNING 1
            """,
            [.int(Int64(limit))]
        )
        return rows.count
    }

    /// Holds what waits at the head of a lane and may not start because of a pause, so that the jobs behind it are rung.
    ///
    /// - Returns: How many were held.
    package func holdPaused(lane: Lane, limit: Int = 1000) async throws -> Int {
        let rows = try await query(
            """
            WITH paused AS MATERIALIZED (
                SELECT id FROM (
                    SELECT id, tenant, kind, lane FROM job_live
                    WHERE lane = $1::text::job_lane AND state = 'queued' AND NOT held
                      AND vtime >= \(Self.floor(ofLane: "$1::text::job_lane"))
                    ORDER BY vtime, id LIMIT $2) head
                WHERE \(Self.isPaused("head"))
            ), locked AS MATERIALIZED (
                SELECT id FROM job_live WHERE id = ANY (ARRAY(SELECT id FROM paused)) AND state::text = 'queued'
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE job_live SET held = true, dispatched_at = NULL
            WHERE id = ANY (ARRAY(SELECT id FROM locked)) AND state::text = 'queued'
            RETURNING 1
            """,
            [.text(lane.rawValue), .int(Int64(limit))]
        )
        return rows.count
    }
}
