import Contract
import CustomEngines
import Decisions
import Engines
import Fetch
import Jobs
import Logging
import Observability
import Postgres
import Pricing
import Redis
import Scripts
import Settings
import ThreadExecution

/// Every handler this build has, and what they share.
struct HandlerSet: Sendable {
    let all: [any JobHandler]
    private let compute: ComputePool
    private let fetcher: Fetcher
    private let shadows: ShadowRuns

    /// - Throws: `FetchError` when the HTTP client cannot be set up.
    init(pool: PostgresPool, redis: RedisClient, settings: ServerSettings, slots: Int, logger: Logger) throws {
        // Engines are CPU-bound: more threads than cores only make them wait for each other.
        compute = ComputePool(name: "engine", threads: min(slots, HostInfo.cores))
        fetcher = try Fetcher()
        let engines = EngineStore(pool: pool)
        shadows = ShadowRuns(store: engines, logger: logger)
        let customs = CustomDecisions(
            running: RunningEngines(store: engines),
            store: engines,
            sandbox: ScriptSandbox(),
            compute: compute,
            shadows: shadows
        )
        let cache = PriceCache(redis: redis, namespace: settings.redis.namespace)
        let prices = PriceStore(pool: pool) { await cache.invalidate($0) }
        let sources = PriceSources(settings: settings, fetcher: fetcher, readers: compute, pool: pool)
        all =
            Self.decisions(pool, settings, compute, customs) + [
                PricingFetchHandler(
                    refresh: PriceRefresh(store: prices),
                    sources: sources,
                    defaultRegion: settings.pricing.region
                ),
                SpotHistoryHandler(prices: prices, sources: sources, ledger: JobLedger(pool: pool)),
                SpotWindowHandler(prices: prices, sources: sources),
                DrillHandler(allowsFaults: settings.allowsDrillFaults, shorterLimit: settings.drillTimeLimit),
            ]
    }

    /// A handler for every engine, and the one that makes their decisions again.
    private static func decisions(
        _ pool: PostgresPool,
        _ settings: ServerSettings,
        _ compute: ComputePool,
        _ customs: CustomDecisions
    ) -> [any JobHandler] {
        let markets = MarketCache(prices: PriceStore(pool: pool), compute: compute)
        let archive = DecisionArchive(pool: pool, retentionDays: settings.decisionInputDays)
        let defaults = EngineDefaults(region: settings.pricing.region)
        var handlers: [any JobHandler] = [
            DecisionReplayHandler(archive: archive, customs: customs, compute: compute, defaults: defaults),
            EngineTestHandler(customs: customs, markets: markets, compute: compute, defaults: defaults),
        ]
        for engine in DecisionEngines.all {
            guard let kind = JobKind.named("decision.\(engine.type.rawValue)") else { continue }
            handlers.append(
                DecisionHandler(
                    kind: kind,
                    engine: engine,
                    markets: markets,
                    archive: archive,
                    customs: customs,
                    compute: compute,
                    defaults: defaults
                )
            )
        }
        return handlers
    }

    func shutdown() async {
        await shadows.shutdown()
        fetcher.shutdown()
        await compute.shutdown()
    }
}
