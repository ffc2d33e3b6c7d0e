package import Contract

/// Sizes containers by what they use and nodes by what runs on them.
///
/// A pure function of the request, the market and the clock. Without measurements it recommends nothing.
package struct Rightsizer: DecisionEngine {
    package static let type = DecisionType.rightsize
    package static let version = "1.0.1"

    package let request: RightsizeRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try RightsizeRequest(request, defaults: defaults)
    }

    package init(_ request: RightsizeRequest) { self.request = request }

    package var marketKey: MarketKey { MarketKey(region: request.region, regionField: request.regionField) }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        try marketKey.check(market)
        return RightsizeAnswer(evaluation: RightsizeEvaluation(request, market, now: now)).decision
    }
}
