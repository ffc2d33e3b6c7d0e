import Contract
import Engines
import Fetch
import Jobs
import Observability
import Postgres
import Pricing
import Settings
import ThreadExecution

/// Every handler this build has, and what they share.
struct HandlerSet: Sendable {
    let all: [any JobHandler]
    private let compute: ComputePool
    private let fetcher: Fetcher

    /// - Throws: `FetchError` when the HTTP client cannot be set up.
    init(pool: PostgresPool, settings: ServerSettings, slots: Int) throws {
        // Engines are CPU-bound: more threads than cores only make them wait for each other.
        compute = ComputePool(name: "engine", threads: min(slots, HostInfo.cores))
        fetcher = try Fetcher()
        let prices = PriceStore(pool: pool)
        let sources = PriceSources(settings: settings, fetcher: fetcher, readers: compute, pool: pool)
        let markets = MarketCache(prices: prices)
        let decisions = DecisionEngines.all.compactMap { [compute] engine in
            JobKind.named("decision.\(engine.type.rawValue)").map { kind in
                DecisionHandler(
                    kind: kind,
                    engine: engine,
                    markets: markets,
                    compute: compute,
                    defaultRegion: settings.pricing.region
                )
            }
        }
        all =
            decisions + [
                PricingFetchHandler(
                    refresh: PriceRefresh(store: prices),
                    sources: sources,
                    defaultRegion: settings.pricing.region
                ),
                DrillHandler(allowsFaults: settings.allowsDrillFaults, shorterLimit: settings.drillTimeLimit),
            ]
    }

    func shutdown() async {
        fetcher.shutdown()
        await compute.shutdown()
    }
}
