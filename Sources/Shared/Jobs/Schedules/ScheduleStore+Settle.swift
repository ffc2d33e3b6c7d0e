import Calendar
import FoundationEssentials
import Postgres

/// Looking after schedules between their fires.
extension ScheduleStore {
    /// Fires are remembered this long; a backfill of older ones would repeat them.
    private static let retention = "90 days"

    /// Notes which jobs have ended, counts failures in a row, and pauses schedules that have had too many.
    ///
    /// A cancelled job neither counts nor ends a streak. Returns the names of those that were paused.
    package func settle(limit: Int = 100) async throws -> [String] {
        try await pool.transaction { transaction in
            // Locked first: a snapshot taken before could lack the jobs of a fire that has just been made.
            let locked = try await transaction.query(
                "SELECT id FROM schedule WHERE open_jobs <> '{}' ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
                [.int(Int64(limit))]
            )
            guard !locked.isEmpty else { return [] }
            let ids = try locked.map { try $0.get(0, as: UUID.self) }
            return try await transaction.query(Self.settleSQL, [.uuids(ids)]).map { try $0.get(0) }
        }
    }

    private static let settleSQL = """
        WITH open AS MATERIALIZED (
            SELECT s.id, s.failure_streak, o.job, o.n
            FROM schedule s, unnest(s.open_jobs) WITH ORDINALITY AS o(job, n) WHERE s.id = ANY ($1)
        ), live AS MATERIALIZED (
            SELECT id FROM job_live WHERE id = ANY (ARRAY(SELECT job FROM open))
        ), gone AS MATERIALIZED (
            SELECT o.id, o.failure_streak, r.state::text AS state, r.finished_at
            FROM open o LEFT JOIN job_result r ON r.day = uuid_v7_day(o.job) AND r.id = o.job
            WHERE o.job NOT IN (SELECT id FROM live)
        ), success AS (
            SELECT id, max(finished_at) AS at FROM gone WHERE state = 'succeeded' GROUP BY id
        ), streak AS (
            SELECT g.id,
                   CASE WHEN bool_or(s.at IS NOT NULL) THEN 0 ELSE max(g.failure_streak) END
                   + count(*) FILTER (WHERE g.state IN ('failed', 'dead')
                                        AND g.finished_at > coalesce(s.at, '-infinity')) AS length
            FROM gone g LEFT JOIN success s ON s.id = g.id GROUP BY g.id
        ), stopped AS (
            SELECT t.id FROM streak t JOIN schedule s ON s.id = t.id
            WHERE s.pause_after_failures > 0 AND t.length >= s.pause_after_failures AND s.paused_at IS NULL
        ), changed AS (
            UPDATE schedule s
            SET open_jobs = ARRAY(
                    SELECT o.job FROM open o WHERE o.id = s.id AND o.job IN (SELECT id FROM live) ORDER BY o.n),
                failure_streak = t.length,
                pause_reason = CASE WHEN s.id IN (SELECT id FROM stopped) THEN t.length || ' jobs failed in a row'
                                    ELSE s.pause_reason END,
                paused_at = CASE WHEN s.id IN (SELECT id FROM stopped) THEN now() ELSE s.paused_at END
            FROM streak t WHERE s.id = t.id
        )
        SELECT s.name FROM schedule s WHERE s.id IN (SELECT id FROM stopped)
        """

    /// Has schedules looked at anew whose zone's rules are not those that their next fire was computed with.
    ///
    /// - Returns: How many there are.
    package func refreshHints() async throws -> Int {
        let rows = try await pool.query("SELECT DISTINCT time_zone FROM schedule")
        var names: [String] = []
        var fingerprints: [Int64] = []
        for row in rows {
            let name: String = try row.get(0)
            // A zone that is unknown here is left to its fire, which says so.
            guard let zone = try? zones.zone(name) else { continue }
            names.append(name)
            fingerprints.append(zone.fingerprint)
        }
        return try await pool.query(
            """
            UPDATE schedule s SET next_fire = '-infinity'
            FROM unnest($1::text[], $2::bigint[]) AS z(name, fingerprint)
            WHERE s.time_zone = z.name AND s.zone_fingerprint <> z.fingerprint AND s.next_fire > now()
            """,
            [.texts(names), .ints(fingerprints)]
        ).affected
    }

    /// Forgets fires of long ago.
    package func tidy() async throws {
        try await pool.query("DELETE FROM schedule_fire WHERE fired_at < now() - interval '\(Self.retention)'")
    }
}
