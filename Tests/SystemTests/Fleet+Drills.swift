import Fetch
import Foundation
import Jobs
import Postgres
import Redis
import Support
import Testing

/// Drills: jobs that do nothing, durably, or misbehave as ordered.
extension Fleet {
    /// The tenant of all drills that are sent without naming one.
    static let drillTenant = "drill"
    /// For fleets whose drills may misbehave.
    static let faults = ["DRILL_FAULTS": "true"]

    /// Sends `count` drills past HTTP, through the very code of the API.
    @discardableResult
    func sendDrills(
        _ count: Int,
        payload: String = "{}",
        lane: Lane = .batch,
        tenant: String = drillTenant
    ) async throws -> [JobID] {
        var ids: [JobID] = []
        while ids.count < count {
            let jobs = (0..<min(500, count - ids.count)).map { _ in
                NewJob(tenant: tenant, kind: .drill, payload: payload, lane: lane)
            }
            ids += try await intake.accept(batch: jobs).map { try $0.get().id }
        }
        return ids
    }

    func waitForWorkers(_ count: Int) async throws {
        try await Condition.holds(within: .seconds(30)) {
            try await self.count("SELECT count(*) FROM worker WHERE last_seen > now() - interval '3 seconds'") >= count
        }
    }

    /// Waits until nothing is left to do.
    func waitUntilDrained(within limit: Duration = .seconds(60)) async throws {
        let isDrained = await eventually(within: limit) {
            // The servers may be away just now.
            (try? await self.count("SELECT count(*) FROM live_job")) == 0
        }
        guard !isDrained else { return }
        let rows = try await pool.query(
            """
            SELECT count(*), string_agg(DISTINCT concat_ws(' ', lane, state, 'epoch', lease_epoch, 'crashes', crash_count,
                'rung', dispatched_at IS NOT NULL, 'due', run_at <= now(), payload, 'waits for', children_open), E'\n')
            FROM (SELECT * FROM live_job ORDER BY id LIMIT 20) l
            """,
            []
        )
        let left = try await count("SELECT count(*) FROM live_job")
        throw FleetError("\(left) jobs are left after \(limit):\n\(try rows[0].get(1, as: String?.self) ?? "")")
    }

    /// Nothing lost, nothing twice: what was accepted is what lives plus what has ended, for every tenant and day.
    func expectConservation(_ location: SourceLocation = #_sourceLocation) async throws {
        let difference = try await countPatiently(
            """
            SELECT coalesce(sum(abs(coalesce(t.accepted - t.dropped, 0) - coalesce(f.n, 0))), 0)::bigint
            FROM job_tally_now t FULL JOIN (
                SELECT day, tenant, count(*) AS n FROM (
                    SELECT uuid_v7_day(id) AS day, tenant FROM job_live
                    UNION ALL SELECT day, tenant FROM job_result) found
                GROUP BY 1, 2
            ) f USING (day, tenant)
            """
        )
        #expect(difference == 0, "accepted is not live + ended", sourceLocation: location)
        let both = try await countPatiently("SELECT count(*) FROM job_live l JOIN job_result r USING (id)")
        #expect(both == 0, "jobs that live and have ended", sourceLocation: location)
        let twice = try await countPatiently("SELECT count(*) - count(DISTINCT id) FROM job_result")
        #expect(twice == 0, "jobs that ended twice", sourceLocation: location)
    }

    /// A count over millions of rows takes longer than a statement of the fleet's may.
    private func countPatiently(_ sql: String) async throws -> Int {
        try await pool.transaction { transaction in
            _ = try await transaction.query("SET LOCAL statement_timeout = 0", [])
            return Int(try await transaction.query(sql, [], deadline: .seconds(300))[0].get(0, as: Int64.self))
        }
    }

    /// Every one of the jobs has ended, and as `state`.
    func expectAll(
        _ ids: [JobID],
        ended state: JobState = .succeeded,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let rows = try await pool.query(
            """
            SELECT r.state::text, count(*)
            FROM unnest($1::uuid[]) AS i(id) JOIN job_result r ON r.day = uuid_v7_day(i.id) AND r.id = i.id
            GROUP BY 1
            """,
            [.uuids(ids.map(\.uuid))]
        )
        var found: [String: Int] = [:]
        for row in rows { found[try row.get(0)] = Int(try row.get(1, as: Int64.self)) }
        #expect(found == [state.rawValue: ids.count], sourceLocation: location)
    }

    /// The moment by the ledger's clock.
    var ledgerTime: Date {
        get async throws { try await pool.query("SELECT clock_timestamp()", [])[0].get(0) }
    }

    /// Seconds from `moment` until each job that lost its worker then was started again, the 99th percentile.
    func recovery(from moment: Date) async throws -> (jobs: Int, p99: Double) {
        let rows = try await pool.query(
            """
            SELECT count(*), coalesce(percentile_disc(0.99) WITHIN GROUP (
                ORDER BY extract(epoch FROM coalesce(next.started_at, r.started_at) - $1)::float8), 0)
            FROM failed_attempt a JOIN job_result r ON r.id = a.job_id LEFT JOIN LATERAL (
                SELECT started_at FROM failed_attempt n
                WHERE n.job_id = a.job_id AND n.lease_epoch > a.lease_epoch ORDER BY lease_epoch LIMIT 1) next ON true
            WHERE a.outcome = 'lease_expired' AND a.started_at <= $1 AND a.ended_at > $1
            """,
            [.timestamp(moment)]
        )
        return (Int(try rows[0].get(0, as: Int64.self)), try rows[0].get(1))
    }

    // MARK: Redis

    /// Whether Redis carries the token that the ledger believes in: the keeper has noticed what happened.
    func isRinging() async -> Bool {
        guard let (_, token) = try? await ledger.doorbell() else { return false }
        return (try? await redis.send(RedisCommand("GET", DoorbellKeys().generation)).string) == token.uuidString
    }

    func redisNumber(_ section: String, _ field: String) async throws -> Int {
        try await Int(redis.info(section)[field] ?? "") ?? 0
    }

    /// Entries that were handed out and not acknowledged, in all lanes.
    func pendingEntries() async throws -> Int {
        var sum = 0
        for lane in Lane.allCases {
            let reply = try await redis.send(
                RedisCommand("XPENDING", DoorbellKeys().stream(lane), DoorbellKeys().group)
            )
            sum += reply.array?.first?.int ?? 0
        }
        return sum
    }

    /// Consumers of the batch lane's group.
    func consumers() async throws -> Int {
        let keys = DoorbellKeys()
        return try await redis.send(RedisCommand("XINFO", "CONSUMERS", keys.stream(.batch), keys.group)).array?.count
            ?? 0
    }

    // MARK: A backlog

    /// Puts `count` drills of one tenant into the ledger as accepting them would, in one statement per million:
    /// rows, clocks and the audit's count.
    func fill(_ count: Int, tenant: String, lane: Lane = .batch, runAt: String? = nil) async throws {
        for start in stride(from: 0, to: count, by: 1_000_000) {
            try await fillOnce(min(1_000_000, count - start), tenant: tenant, lane: lane, runAt: runAt)
        }
    }

    private func fillOnce(_ count: Int, tenant: String, lane: Lane, runAt: String?) async throws {
        try await pool.transaction { transaction in
            _ = try await transaction.query("SET LOCAL statement_timeout = 0", [])
            _ = try await transaction.query(
                Self.fillSQL,
                [
                    .int(Int64(count)), .text(tenant), .text(lane.rawValue), PostgresValue(runAt),
                ],
                deadline: .seconds(300)
            )
        }
    }

    private static let fillSQL = """
        WITH rows AS MATERIALIZED (
            SELECT n, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
                || substr(md5(random()::text || n), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id
            FROM generate_series(1, $1) n
        ), clock AS (
            INSERT INTO tenant_clock AS c (lane, tenant, vtime)
            SELECT lane, $2, vtime + $1 FROM lane_clock WHERE lane = $3::text::job_lane
            ON CONFLICT (lane, tenant) DO UPDATE SET vtime = greatest(excluded.vtime, c.vtime + $1)
            RETURNING vtime
        ), flow AS (
            INSERT INTO flow_clock AS c (lane, tenant, cluster, vtime)
            SELECT lane, $2, '', vtime + $1 FROM lane_clock WHERE lane = $3::text::job_lane
            ON CONFLICT (lane, tenant, cluster) DO UPDATE SET vtime = greatest(excluded.vtime, c.vtime + $1)
            RETURNING vtime
        ), inserted AS (
            INSERT INTO job_live (id, tenant, lane, kind, payload_version, payload, state, vtime, run_at,
                max_attempts, dispatch_generation)
            SELECT r.id, $2, $3::text::job_lane, 'drill.noop', 1, '{}',
                CASE WHEN $4::text IS NULL THEN 'queued' ELSE 'scheduled' END::job_state,
                f.vtime - $1 + r.n, coalesce($4::timestamptz, now()), 3, d.generation
            FROM rows r, flow f, clock, doorbell d ORDER BY r.id
            RETURNING id
        )
        INSERT INTO job_tally AS t (day, tenant, accepted)
        SELECT uuid_v7_day(id), $2, count(*) FROM inserted GROUP BY 1
        ON CONFLICT (day, tenant) DO UPDATE SET accepted = t.accepted + excluded.accepted
        """
}

extension String {
    /// The log lines of this level or worse: `error`, `warning`.
    func logLines(_ level: String) -> Int {
        split(separator: "\n").count { $0.contains(" \(level) cloudoptim") || $0.contains(" \(level) ") }
    }
}
