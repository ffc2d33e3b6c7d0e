import Contract
import Engines
import FoundationEssentials
import Jobs
import Observability
import Postgres
import Pricing
import Redis
import Registry

/// Asks what the service depends on, once a second at most, each with a deadline.
actor HealthProbe {
    private static let validFor: Duration = .seconds(1)

    private let pool: PostgresPool
    private let redis: RedisClient
    private let ledger: JobLedger
    private let prices: PriceStore
    private let models: RunningModels
    private let startedAt = ContinuousClock.now
    private var last: (report: HealthReport, at: ContinuousClock.Instant)?
    private var running: Task<HealthReport, Never>?

    init(pool: PostgresPool, redis: RedisClient, ledger: JobLedger, prices: PriceStore, models: RunningModels) {
        self.pool = pool
        self.redis = redis
        self.ledger = ledger
        self.prices = prices
        self.models = models
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
        report.models = ModelType.allCases.flatMap { models.lineUp($0).all }
        report.modelFailures = models.failures
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
    /// Those that this process runs.
    var models: [RunningModel] = []
    /// Why models that aliases point to are not run.
    var modelFailures: [UUID: String] = [:]

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
        for (id, error) in modelFailures.sorted(by: { $0.key.uuidString < $1.key.uuidString }) {
            found.append("models: \(id.uuidString.lowercased()) cannot be loaded; what ran before goes on: \(error)")
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
            "models_loaded": .integer(Int64(models.count)),
            "engines_loaded": .integer(Int64(DecisionEngines.all.count)), "workers_alive": .object(workers),
        ]
        return [
            "status": .string(status), "service": "ml-server", "version": .string(Version.current),
            "database": .string(database ? "connected" : "disconnected"),
            "redis": .string(redis ? "connected" : "disconnected"),
            "models_loaded": .integer(Int64(models.count)),
            "models": .array(models.map(\.json)),
            "uptime_seconds": .integer(uptime.components.seconds),
            "components": components,
            "degraded": .array(degradations.map { .string($0) }),
            "data_sources": .array(sources.map(\.json)),
        ]
    }
}

extension RunningModel {
    fileprivate var json: JSONValue {
        [
            "model_id": .string(record.idText), "model_name": .string(record.name),
            "model_version": .string(record.version),
            "model_type": .string(record.type.rawValue), "alias": .string(alias),
            "loaded_at": .string(loadedAt.rfc3339),
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
