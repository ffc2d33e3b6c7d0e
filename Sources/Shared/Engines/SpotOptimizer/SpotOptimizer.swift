package import Contract

/// Chooses spot instances: cheap after interruptions are paid for, and safe enough.
///
/// A pure function of the request, the market and the clock. The same input gives the same bytes, whatever order the
/// market's lists come in.
package struct SpotOptimizer: DecisionEngine {
    package static let type = DecisionType.spotOptimize
    package static let version = "1.0.0"

    package let request: SpotRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try SpotRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey {
        MarketKey(
            region: request.region,
            operatingSystem: request.operatingSystem,
            regionField: request.regionField
        )
    }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        try Self.decide(request, market: market, now: now)
    }

    /// Decides a request that was read with ``SpotRequest/init(_:defaults:policy:)``.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - market: Prices and bands of the request's region and operating system.
    ///   - now: The clock; nothing here looks at any other.
    ///   - policy: Limits and constants.
    /// - Returns: Recommendations best first, with everything that was rejected and why.
    /// - Throws: `unknown_region` when the feed covers other regions but not this one.
    package static func decide(
        _ request: SpotRequest,
        market: RegionMarket,
        now: Timestamp,
        policy: SpotPolicy = .standard
    ) throws(APIError) -> Decision {
        try MarketKey(
            region: request.region,
            operatingSystem: request.operatingSystem,
            regionField: request.regionField
        ).check(market)
        let evaluation = SpotEvaluation(request, market, now: now, policy: policy)
        let quality = DataQuality(market, evaluation, now: now)
        let portfolio = request.wantsPortfolio ? SpotPortfolio(request, evaluation, policy) : nil
        return SpotAnswer(
            request: request,
            market: market,
            policy: policy,
            evaluation: evaluation,
            quality: quality,
            portfolio: portfolio
        ).decision
    }

    /// Scores every pool of every type of the feed, whether it fits the request or not, ordered by type and zone order.
    package static func scores(
        _ request: SpotRequest,
        market: RegionMarket,
        now: Timestamp,
        policy: SpotPolicy = .standard
    ) -> [SpotTypeScore] {
        SpotEvaluation(request, market, now: now, policy: policy, judging: false).allScores
    }
}

/// The score of one type in one zone with the prices it rests on.
package struct SpotTypeScore: Sendable, Hashable {
    package let instanceType: String
    /// Nothing when no zone is known.
    package let zone: String?
    package let score: SpotScore
    /// USD per hour.
    package let spotPrice: Double?
    /// USD per hour.
    package let onDemandPrice: Double?
    /// USD per month with the expected cost of interruptions.
    package let expectedMonthlyCost: Double?
}
