import Fetch
import FoundationEssentials
import Postgres
import Pricing

/// One window from a fast server into the table: fetched, read, stored, as a worker's handler does it.
enum FetchRun {
    static func run(url: String, rounds: Int) async throws {
        let pool = try await PricingBenchmark.database(connections: 1)
        let fetcher = try Fetcher()
        let source = SpotPriceSource(
            client: EC2Client(
                region: "us-east-1",
                credentials: .init(AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")),
                endpoint: url,
                fetcher: fetcher
            )
        )
        for _ in 0..<rounds {
            _ = try await pool.query("TRUNCATE spot_price_rows, spot_price_latest, spot_price_coverage, pricing_pools")
            let now = Date()
            let window = SpotPriceWindow(region: "us-east-1", from: now.addingTimeInterval(-30 * 86_400), until: now)
            let watch = Stopwatch(servers: try await PricingBenchmark.servers(pool))
            let ingest = SpotPriceIngest(into: PriceStore(pool: pool), window, source: "benchmark")
            try await source.fetch(window) { page throws(PricingError) in try await ingest.add(page) }
            let report = try await ingest.finish()
            let reading = watch.read(servers: try await PricingBenchmark.servers(pool))
            guard report.inserted > 0, report.malformed == 0 else { throw BenchmarkError("nothing was stored") }
            PricingBenchmark.report(
                "fetch",
                [
                    "rows": Double(report.inserted), "rows_per_second": Double(report.inserted) / reading.wall,
                    "rows_per_cpu_second": Double(report.inserted) / reading.processor,
                    "rows_per_own_cpu_second": Double(report.inserted) / reading.own,
                ]
            )
        }
        fetcher.shutdown()
        await pool.shutdown()
    }
}
