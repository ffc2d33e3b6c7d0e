import Fetch
import Postgres
import Pricing
import ThreadExecution

/// A region's offer file from a server into the table, with the most memory that took.
enum OfferRun {
    static func run(url: String, region: String) async throws {
        let pool = try await PricingBenchmark.database(connections: 1)
        let fetcher = try Fetcher()
        let readers = ComputePool(name: "readers", threads: 1)
        let source = OnDemandSource(baseURL: url, fetcher: fetcher, readers: readers)
        let watch = Stopwatch()
        let outcome = try await PriceRefresh(store: PriceStore(pool: pool)).onDemand(from: source, region: region)
        let reading = watch.read()
        guard case .stored(let written, _) = outcome else { throw BenchmarkError("nothing was stored") }
        PricingBenchmark.report(
            "offer",
            [
                "prices": Double(written.rows), "seconds": reading.wall, "own_cpu_seconds": reading.own,
                "peak_megabytes": Stopwatch.peakMegabytes(),
            ]
        )
        fetcher.shutdown()
        await readers.shutdown()
        await pool.shutdown()
    }
}
