import Fetch
import FoundationEssentials
import Logging
import Postgres
import Pricing
import Redis
import Schema

/// One measurement a run; prints JSON lines.
///
/// `Benchmarks/pricing/run` starts the servers and puts the results side by side.
///
/// usage: PricingBenchmark parse PAGE.xml SECONDS
///        PricingBenchmark merge ROWS ROUNDS            BENCH_PG_URL names an empty database
///        PricingBenchmark fetch URL ROUNDS             a server that tells pages; BENCH_PG_URL
///        PricingBenchmark lookup ROWS QUESTIONS        BENCH_PG_URL, BENCH_REDIS_URL
///        PricingBenchmark fanout URL RATE BURST SECONDS REGION…
///        PricingBenchmark offer URL REGION             BENCH_PG_URL
@main
enum PricingBenchmark {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch (words.first, words.count) {
        case ("parse", 3): try ParseRun.run(page: words[1], seconds: number(words[2]))
        case ("merge", 3): try await MergeRun.run(rows: number(words[1]), rounds: number(words[2]))
        case ("fetch", 3): try await FetchRun.run(url: words[1], rounds: number(words[2]))
        case ("lookup", 3): try await LookupRun.run(rows: number(words[1]), questions: number(words[2]))
        case ("fanout", 6...):
            try await FanoutRun.run(
                url: words[1],
                rate: Double(number(words[2])),
                burst: Double(number(words[3])),
                seconds: number(words[4]),
                regions: Array(words.dropFirst(5))
            )
        case ("offer", 3): try await OfferRun.run(url: words[1], region: words[2])
        default: throw BenchmarkError("see the head of PricingBenchmark.swift for the usage")
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw BenchmarkError("\(text) is no positive number") }
        return number
    }

    static let logger = Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A pool of connections to a database that has our schema.
    static func database(connections: Int = 2) async throws -> PostgresPool {
        let configuration = try PostgresConfiguration(url: try environment("BENCH_PG_URL"))
        let migrator = try PostgresMigrator(configuration: configuration, migrations: Migrations.all, logger: logger)
        _ = try await migrator.migrate()
        return try PostgresPool(configuration: configuration, size: connections, logger: logger)
    }

    /// The processes of the database server that are at work for somebody or write for all.
    static func servers(_ pool: PostgresPool) async throws -> [Int] {
        try await pool.query("SELECT pid FROM pg_stat_activity").map { try $0.get(0) }
    }

    static func environment(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else { throw BenchmarkError("\(name) is not set") }
        return value
    }

    /// One JSON line.
    static func report(_ name: String, _ values: KeyValuePairs<String, Double>) {
        let members = values.map { "\"\($0)\":\(rounded($1))" }.joined(separator: ",")
        print("{\"name\":\"\(name)\",\(members)}")
    }

    private static func rounded(_ value: Double) -> String {
        value.magnitude >= 100 ? "\(Int(value.rounded()))" : "\((value * 10_000).rounded() / 10_000)"
    }

    static func percentile(_ sorted: [Double], _ share: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
