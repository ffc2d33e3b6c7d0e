import Fetch
import FoundationEssentials
import Jobs
import Postgres
import Pricing

/// Many regions at once under the fleet's budget of calls, several callers in each; the server tells what it saw.
enum FanoutRun {
    static func run(url: String, rate: Double, burst: Double, seconds: Int, regions: [String]) async throws {
        let pool = try await PricingBenchmark.database(connections: 4)
        let fetcher = try Fetcher(maxConnections: 64, maxConnectionsPerHost: 64)
        let end = ContinuousClock.now + .seconds(seconds)
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for region in regions {
                let client = EC2Client(
                    region: region,
                    credentials: .init(
                        AWSCredentials(
                            // A key for each region: the server's log tells keys, not regions.
                            accessKeyID: "AKID\(region)",
                            secretAccessKey: "secret"
                        )
                    ),
                    endpoint: url,
                    fetcher: fetcher,
                    retry: .none,
                    pace: { action throws(PricingError) in
                        try await wait(TokenBucket(name: "\(region):\(action)", rate: rate, burst: burst, pool: pool))
                    }
                )
                for _ in 0..<2 {
                    group.addTask {
                        var made = 0
                        while ContinuousClock.now < end {
                            _ = try await client.call("DescribeSpotPriceHistory", [("MaxResults", "5")])
                            made += 1
                        }
                        return made
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        PricingBenchmark.report("fanout_client", ["calls": Double(calls)])
        fetcher.shutdown()
        await pool.shutdown()
    }

    private static func wait(_ bucket: TokenBucket) async throws(PricingError) {
        do {
            if case .granted(let wait) = try await bucket.take(patience: .seconds(20)) {
                try await Task.sleep(for: wait)
            }
        } catch {
            throw PricingError(.store, "the bucket cannot be read", in: bucket.name, cause: error)
        }
    }
}
