package import Contract

/// Finds nodes a cluster can do without, and an order to empty them in which no step breaks a scheduling rule.
///
/// A pure function of the request, the market and the clock. The search is bounded by counted steps, not by time, so the
/// same input gives the same answer on every machine; `metadata.search.step_limit` sent back as
/// `constraints.step_limit` ends a search where this one ended.
package struct BinPacking: DecisionEngine {
    package static let type = DecisionType.binPack
    package static let version = "1.0.0"

    package let request: PackRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try PackRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey { MarketKey(region: request.region, regionField: request.regionField) }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        try marketKey.check(market)
        if request.mode == .pack { return FreshPacking(request, market).decision }
        let model = ClusterCompiler.model(request.cluster, request.options, market, now: now)
        let prices = PriceList(market, now: now)
        let solver = PackSolver(model, request.options, market, prices)
        return PackAnswer(request: request, market: market, solver: solver, now: now).decision
    }
}
