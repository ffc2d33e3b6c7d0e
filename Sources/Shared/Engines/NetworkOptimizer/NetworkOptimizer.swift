package import Contract

/// Lowers what traffic between availability zones costs: routes it within the zone where that works, moves pods where it
/// does not, and never gives up the spread over zones for it.
///
/// A pure function of the request, the prices and the clock. The same input gives the same bytes, whatever order its
/// lists come in.
package struct NetworkOptimizer: DecisionEngine {
    package static let type = DecisionType.networkOptimize
    package static let version = "1.0.0"

    package let request: NetworkRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try NetworkRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey { MarketKey(region: request.region, regionField: request.regionField) }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        try marketKey.check(known: market.knownRegions)
        return Self.decide(request, market: market)
    }

    /// Decides a request that was read.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - market: Only the prices of services are looked at.
    ///   - policy: Limits and constants.
    /// - Returns: The levers worth pulling, the gentlest first, and for every other pair the rule that holds it.
    package static func decide(
        _ request: NetworkRequest,
        market: RegionMarket,
        policy: NetworkPolicy = .standard
    ) -> Decision {
        let map = NetworkMapBuilder.map(of: request, policy)
        let price = TransferPrice(request, market)
        let evaluation = NetworkEvaluation(request, map, price: price.usd, policy: policy)
        return NetworkAnswer(
            request: request,
            market: market,
            policy: policy,
            price: price,
            evaluation: evaluation
        ).decision
    }
}
