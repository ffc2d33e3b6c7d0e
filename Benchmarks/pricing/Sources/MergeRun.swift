import FoundationEssentials
import Postgres
import Pricing

/// The same rows into the same table: by one binary COPY without any care, and as pages of EC2 through staging, merge,
/// latest prices and coverage.
///
/// Rounds alternate, so that what else the machine does falls on both.
enum MergeRun {
    static func run(rows: Int, rounds: Int) async throws {
        let pool = try await PricingBenchmark.database(connections: 1)
        let prices = MadePrices(rows: rows, pools: 2000, days: 30)
        for _ in 0..<rounds {
            try await empty(pool)
            try await copy(prices, pool)
            try await empty(pool)
            try await merge("merge", prices, pool, expected: rows)
            // Everything is there already: a fill that is repeated.
            try await merge("merge_again", prices, pool, expected: 0)
        }
        await pool.shutdown()
    }

    private static func empty(_ pool: PostgresPool) async throws {
        for table in ["spot_price_rows", "spot_price_latest", "spot_price_coverage", "pricing_pools"] {
            _ = try await pool.query("TRUNCATE \(table)")
        }
        _ = try await pool.query("CHECKPOINT", deadline: .seconds(60))
    }

    private static func copy(_ prices: MadePrices, _ pool: PostgresPool) async throws {
        let numbers = Dictionary(uniqueKeysWithValues: prices.pools.enumerated().map { ($1, Int64($0 + 1)) })
        let pages = prices.pages
        let watch = Stopwatch(servers: try await PricingBenchmark.servers(pool))
        let rows = try await pool.copyIn(into: "spot_price_rows", columns: ["pool_id", "ts", "price_micros"]) {
            writer in
            for page in pages {
                let ids = page.pools.map { numbers[$0] ?? 0 }
                for row in page.rows {
                    try writer.append(.int(ids[row.pool]))
                    try writer.append(.timestamp(Date(timeIntervalSince1970: Double(row.at))))
                    try writer.append(.int(Int64(row.micros)))
                }
            }
        }
        tell("copy", rows, watch.read(servers: try await PricingBenchmark.servers(pool)))
    }

    private static func merge(
        _ name: String,
        _ prices: MadePrices,
        _ pool: PostgresPool,
        expected: Int
    ) async throws {
        let window = SpotPriceWindow(region: "us-east-1", from: prices.from, until: prices.until)
        let watch = Stopwatch(servers: try await PricingBenchmark.servers(pool))
        let ingest = SpotPriceIngest(into: PriceStore(pool: pool), window, source: "benchmark")
        for page in prices.pages { try await ingest.add(page) }
        let report = try await ingest.finish()
        let reading = watch.read(servers: try await PricingBenchmark.servers(pool))
        guard report.inserted == expected else {
            throw BenchmarkError("\(report.inserted) rows are new where \(expected) should be")
        }
        tell(name, report.received, reading)
    }

    private static func tell(_ name: String, _ rows: Int, _ reading: Stopwatch.Reading) {
        PricingBenchmark.report(
            name,
            [
                "rows": Double(rows), "rows_per_second": Double(rows) / reading.wall,
                "rows_per_cpu_second": Double(rows) / reading.processor,
                "rows_per_server_cpu_second": Double(rows) / max(reading.server, 0.01),
            ]
        )
    }
}
