package import Contract

/// Repairs containers that are killed for memory: only what their own limit killed, and never beyond twice that limit.
///
/// A pure function of the request, the market and the clock.
package struct OOMRemediator: DecisionEngine {
    package static let type = DecisionType.oomkilledRemediate
    package static let version = "1.0.1"

    package let request: OOMRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try OOMRequest(request, defaults: defaults)
    }

    package init(_ request: OOMRequest) { self.request = request }

    package var marketKey: MarketKey { MarketKey(region: request.region, regionField: request.regionField) }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        try marketKey.check(market)
        return OOMAnswer(evaluation: OOMEvaluation(request, market, now: now)).decision
    }
}
