import Fetch
import Jobs
import Logging
import Postgres
import Pricing
import Settings
import ThreadExecution

/// Every handler this build has, and what they share.
struct HandlerSet: Sendable {
    let all: [any JobHandler]
    private let compute: ComputePool

    init(pool: PostgresPool, settings: ServerSettings, slots: Int, logger: Logger) {
        // Engines are CPU-bound: more threads than cores only make them wait for each other.
        compute = ComputePool(name: "engine", threads: min(slots, HostInfo.cores))
        let prices = PriceStore(pool: pool, logger: logger)
        all = [
            SpotOptimizeHandler(markets: MarketCache(prices: prices), compute: compute, defaultRegion: settings.pricing.region),
            PricingFetchHandler(
                advisor: SpotAdvisorSource(url: settings.pricing.spotAdvisorURL, store: prices, logger: logger),
                onDemand: OnDemandSource(baseURL: settings.pricing.priceListURL, store: prices, logger: logger),
                defaultRegion: settings.pricing.region),
            DrillHandler(),
        ]
    }

    func shutdown() async {
        await compute.shutdown()
    }
}
