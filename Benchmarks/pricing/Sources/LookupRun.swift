import FoundationEssentials
import Postgres
import Pricing
import Redis

/// The latest price of a type among many millions of rows: from PostgreSQL, and from the cache.
enum LookupRun {
    static func run(rows: Int, questions: Int) async throws {
        let pool = try await PricingBenchmark.database(connections: 1)
        let types = try await fill(pool, rows)
        let store = PriceStore(pool: pool)
        let redis = RedisClient(
            configuration: try RedisConfiguration(url: PricingBenchmark.environment("BENCH_REDIS_URL"))
        )
        let cache = PriceCache(redis: redis, namespace: "bench")
        var random = Repeatable(state: 11)
        let asked = (0..<questions).map { _ in types.randomElement(using: &random) ?? types[0] }

        // The floors: a question that reads nothing.
        try await measure("floor_postgres", asked) { _ in _ = try await pool.query("SELECT 1") }
        try await measure("floor_redis", asked) { _ in _ = try await redis.send(RedisCommand("GET", "bench:nothing")) }
        try await measure("latest_postgres", asked) { type in
            guard try await !store.latestSpotPrices(region: type.region, instanceType: type.name).isEmpty else {
                throw BenchmarkError("no latest price of \(type.name)")
            }
        }
        try await measure("latest_cache", asked) { type in
            _ = try await cache.document(
                "latest:\(type.region):\(type.name)",
                outdatedBy: .spotPrices(region: type.region)
            ) {
                let rows = try await store.latestSpotPrices(region: type.region, instanceType: type.name)
                return Array(rows.map { "\($0.zone) \($0.product) \($0.price)" }.joined(separator: "\n").utf8)
            }
        }
        await redis.shutdown()
        await pool.shutdown()
    }

    /// 32,000 pools in 16 regions, each with as many prices as it takes.
    private static func fill(_ pool: PostgresPool, _ rows: Int) async throws -> [(region: String, name: String)] {
        let there: Int = try await pool.query("SELECT count(*) FROM pricing_pools").one().get(0)
        if there == 0 {
            _ = try await pool.query(
                """
                INSERT INTO pricing_pools (region, availability_zone, az_id, instance_type, product_description)
                SELECT 'region-' || r, 'region-' || r || z, 'az' || z, 'm' || t || '.large', p
                FROM generate_series(1, 16) r, generate_series(1, 250) t, unnest(ARRAY['a','b','c','d']) z,
                     unnest(ARRAY['Linux/UNIX','Windows']) p
                """,
                deadline: .seconds(300)
            )
            for part in 0..<16 {
                _ = try await pool.query(
                    """
                    INSERT INTO spot_price_rows SELECT p.pool_id, date_trunc('second', now()) - n * interval '17 minutes',
                        10000 + (p.pool_id * 7919 + n * 104729) % 900000
                    FROM pricing_pools p, generate_series(0, $1::int8 - 1) n WHERE p.pool_id % 16 = $2::int8
                    """,
                    [.int(Int64(rows / 32_000)), .int(Int64(part))],
                    deadline: .seconds(600)
                )
            }
            _ = try await pool.query(
                """
                INSERT INTO spot_price_latest SELECT DISTINCT ON (pool_id) pool_id, ts, price_micros, now()
                FROM spot_price_rows ORDER BY pool_id, ts DESC
                """,
                deadline: .seconds(600)
            )
            for table in ["pricing_pools", "spot_price_latest", "spot_price_rows"] {
                _ = try await pool.query("ANALYZE \(table)", deadline: .seconds(600))
            }
        }
        return (1...16).flatMap { region in (1...250).map { ("region-\(region)", "m\($0).large") } }
    }

    private static func measure(
        _ name: String,
        _ asked: [(region: String, name: String)],
        _ ask: ((region: String, name: String)) async throws -> Void
    ) async throws {
        for type in asked.prefix(4000) { try await ask(type) }
        var times: [Double] = []
        for type in asked {
            let start = ContinuousClock.now
            try await ask(type)
            times.append(Double((ContinuousClock.now - start).components.attoseconds) / 1e15)
        }
        times.sort()
        PricingBenchmark.report(
            name,
            ["p50_ms": PricingBenchmark.percentile(times, 0.5), "p99_ms": PricingBenchmark.percentile(times, 0.99)]
        )
    }
}
