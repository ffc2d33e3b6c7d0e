import Foundation
import Pricing

/// How many rows of a page of DescribeSpotPriceHistory are read in a second of processor time.
enum ParseRun {
    static func run(page path: String, seconds: Int) throws {
        let body = Array(try Data(contentsOf: URL(filePath: path)))
        let end = ContinuousClock.now + .seconds(seconds)
        let watch = Stopwatch()
        var rows = 0
        while ContinuousClock.now < end {
            let page = try SpotPricePage(parsing: body, document: path)
            guard page.malformed == 0, !page.rows.isEmpty else { throw BenchmarkError("the page cannot be read") }
            rows += page.rows.count
        }
        PricingBenchmark.report("parse", ["rows_per_cpu_second": Double(rows) / watch.read().own])
    }
}
