import Contract
import FoundationEssentials
import Jobs
import Observability
import Postgres
import Pricing
import Redis

/// Asks what the service depends on, once a second at most, each with a deadline.
actor HealthProbe {
    private static let validFor: Duration = .seconds(1)

    private let pool: PostgresPool
    private let redis: RedisClient
    private let ledger: JobLedger
    private let prices: PriceStore
    private let startedAt = ContinuousClock.now
    private var last: (report: HealthReport, at: ContinuousClock.Instant)?
    private var running: Task<HealthReport, Never>?

    init(pool: PostgresPool, redis: RedisClient, ledger: JobLedger, prices: PriceStore) {
        self.pool = pool
        self.redis = redis
        self.ledger = ledger
        self.prices = prices
    }

    func report() async -> HealthReport {
        if let last, ContinuousClock.now - last.at < Self.validFor { return last.report }
        if let running { return await running.value }
        let task = Task { await measure() }
        running = task
        let report = await task.value
        running = nil
        last = (report, .now)
        return report
    }

    private func measure() async -> HealthReport {
        async let database = answers { _ = try await self.pool.query("SELECT 1", [], deadline: .seconds(1)) }
        async let redis = answers { try await self.redis.ping() }
        var report = HealthReport(database: await database, redis: await redis)
        report.uptime = ContinuousClock.now - startedAt
        guard report.database else { return report }
        report.workers = (try? await ledger.aliveWorkers()) ?? [:]
        report.sources = (try? await prices.sources()) ?? []
        return report
    }

    private nonisolated func answers(_ question: @Sendable () async throws -> Void) async -> Bool {
        do {
            try await question()
            return true
        } catch {
            return false
        }
    }
}

/// How the service stands.
struct HealthReport: Sendable {
    let database: Bool
    let redis: Bool
    var uptime: Duration = .zero
    var workers: [Lane: Int] = [:]
    var sources: [PriceSourceStatus] = []

    /// The ledger is all that accepting needs.
    var canAccept: Bool { database }

    /// What is wrong without keeping jobs from being accepted.
    var degradations: [String] {
        var found: [String] = []
        if !database { found.append("database: does not answer; nothing can be accepted") }
        if !redis { found.append("redis: does not answer; jobs go on, more slowly") }
        if database {
            for lane in Lane.allCases where (workers[lane] ?? 0) == 0 {
                found.append("workers: none alive for the lane \(lane.rawValue)")
            }
            if !sources.contains(where: { $0.name == PriceSourceStatus.spotAdvisor }) {
                found.append("pricing: the Spot Advisor feed is not loaded yet")
            }
        }
        return found
    }

    var status: String {
        if !canAccept { return "unhealthy" }
        return degradations.isEmpty ? "healthy" : "degraded"
    }

    /// The union of the shapes that existing callers read.
    var json: JSONValue {
        var workers = JSONObject()
        for lane in Lane.allCases { workers[lane.rawValue] = .integer(Int64(self.workers[lane] ?? 0)) }
        let components: JSONValue = [
            "database": .string(database ? "healthy" : "unhealthy"), "redis": .string(redis ? "healthy" : "unhealthy"),
            "models_loaded": 0, "engines_loaded": 1, "workers_alive": .object(workers),
        ]
        return [
            "status": .string(status), "service": "ml-server", "version": .string(Version.current),
            "database": .string(database ? "connected" : "disconnected"),
            "redis": .string(redis ? "connected" : "disconnected"),
            "models_loaded": 0,
            "uptime_seconds": .integer(uptime.components.seconds),
            "components": components,
            "degraded": .array(degradations.map { .string($0) }),
            "data_sources": .array(sources.map(\.json)),
        ]
    }
}

extension PriceSourceStatus {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "region": .optional(region), "source": .string(source),
            "records": .integer(Int64(rows)), "sample": .bool(isSample),
            "last_updated": .string(Timestamp(secondsSinceEpoch: lastUpdated.timeIntervalSince1970).description),
            "confirmed_at": .string(Timestamp(secondsSinceEpoch: confirmedAt.timeIntervalSince1970).description),
            "last_error": .optional(lastError),
        ]
    }
}
