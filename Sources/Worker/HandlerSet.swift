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
import Registry
import Scripts
import Settings
import SystemPackage
import ThreadExecution

/// Every handler this build has, and what they share.
struct HandlerSet: Sendable {
    let all: [any JobHandler]
    private let compute: ComputePool
    private let fetcher: Fetcher
    private let shadows: ShadowRuns
    /// Follows the active models while the worker runs.
    let running: RunningModels

    /// - Throws: `FetchError` when the HTTP client cannot be set up.
    init(
        pool: PostgresPool,
        redis: RedisClient,
        settings: ServerSettings,
        process: String,
        slots: Int,
        logger: Logger
    ) throws {
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
        let models = ModelStore(pool: pool)
        running = RunningModels(
            store: models,
            cache: FormCache(folder: FilePath(settings.models.folder), blobs: models.blobs, compute: compute),
            compute: compute,
            process: process,
            host: HostInfo.name,
            role: .worker,
            logger: logger
        )
        let sources = PriceSources(settings: settings, fetcher: fetcher, readers: compute, pool: pool)
        all =
            Self.decisions(pool, settings, compute, customs, LearnedMarkets(running: running, compute: compute)) + [
                PricingFetchHandler(
                    refresh: PriceRefresh(store: prices),
                    sources: sources,
                    defaultRegion: settings.pricing.region
                ),
                SpotHistoryHandler(prices: prices, sources: sources, ledger: JobLedger(pool: pool)),
                SpotWindowHandler(prices: prices, sources: sources),
                ModelImportHandler(
                    store: models,
                    importer: ModelImporter(
                        program: .program(besideOurs: "cloudoptim-importer"),
                        limits: ModelImporter.Limits(settings.models)
                    ),
                    folder: FilePath(settings.models.folder),
                    compute: compute,
                    gapFiller: settings.aws.namesCredentials && settings.pricing.gapFiller.isEnabled
                        ? settings.pricing.gapFiller : nil,
                    logger: logger
                ),
                ModelRefreshHandler(
                    store: models,
                    history: RefreshHistory(pool: pool),
                    ledger: JobLedger(pool: pool),
                    defaultRegion: settings.pricing.region
                ),
                RetentionHandler(
                    retention: Retention(ledger: JobLedger(pool: pool), days: settings.queue.retentionDays),
                    archive: DecisionArchive(pool: pool, retentionDays: settings.decisionInputDays),
                    engines: engines,
                    prices: prices,
                    priceDays: settings.pricing.retentionDays,
                    models: models
                ),
                PartitionHandler(ledger: JobLedger(pool: pool)),
                DrillHandler(allowsFaults: settings.allowsDrillFaults, shorterLimit: settings.drillTimeLimit),
            ]
    }

    /// A handler for every engine, and the one that makes their decisions again.
    private static func decisions(
        _ pool: PostgresPool,
        _ settings: ServerSettings,
        _ compute: ComputePool,
        _ customs: CustomDecisions,
        _ learned: LearnedMarkets
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
                    learned: engine.type == .spotOptimize ? learned : nil,
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

extension ModelImporter.Limits {
    fileprivate init(_ settings: ModelSettings) {
        self.init()
        memoryBytes = settings.importMemoryMegabytes << 20
        // A form holds what the file holds, unpacked.
        formBytes = Int64(settings.importMemoryMegabytes) << 19
    }
}
