package import Contract

/// One decision engine with one request read: a pure function of the request, the market and the clock.
///
/// The same input gives the same bytes, whatever order its lists come in: an engine looks at no clock, no random number,
/// no address and no hash order. What differs from run to run lives in ``DecisionEnvelope``.
package protocol DecisionEngine: Sendable {
    static var type: DecisionType { get }
    /// Raised whenever the same input may give another answer.
    static var version: String { get }

    /// Reads a request, and refuses whatever can be refused without prices.
    ///
    /// The API calls this before it accepts, so that a worker never refuses what was accepted. A malformed item of a list
    /// is no reason: it becomes one of the decision's `itemProblems`.
    ///
    /// - Throws: 422 with field and hint.
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError)

    /// The market the decision needs.
    var marketKey: MarketKey { get }

    /// Decides.
    ///
    /// - Parameters:
    ///   - market: Prices and catalogue under ``marketKey``; what is not known is missing there, never zero.
    ///   - now: The clock.
    /// - Returns: The conclusion, with what was rejected and why.
    /// - Throws: What the market shows to be impossible to answer.
    func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision
}

/// What the deployment assumes when the caller is silent.
package struct EngineDefaults: Sendable, Hashable {
    package var region: String

    package init(region: String) { self.region = region }
}

/// Which market a decision needs.
package struct MarketKey: Sendable, Hashable {
    package var region: String
    package var operatingSystem: RegionMarket.OperatingSystem
    /// Where the caller named the region, for an error about it; nothing when it was derived or is the default.
    package var regionField: String?
    /// The engine answers without this market too: a region that the feed does not cover only leaves prices missing.
    package var isOptional = false

    package init(
        region: String,
        operatingSystem: RegionMarket.OperatingSystem = .linux,
        regionField: String? = nil
    ) {
        self.region = region
        self.operatingSystem = operatingSystem
        self.regionField = regionField
    }

    /// Refuses a region the feed does not cover, and a market that is not the one of this key.
    ///
    /// - Throws: 422 for the region; an internal error for the market, which our own side chose.
    func check(_ market: RegionMarket) throws(APIError) {
        try check(known: market.knownRegions)
        guard market.region == region, market.operatingSystem == operatingSystem else {
            throw APIError(.internalError, "the market of \(market.region) was given for a request about \(region)")
        }
    }

    /// Refuses a region the feed does not cover and names the closest ones.
    ///
    /// With no feed loaded no region is unknown: the answer then says what is missing.
    package func check(known: [String]) throws(APIError) {
        guard !isOptional, !known.isEmpty, !known.contains(region) else { return }
        let nearest = RegionName.nearest(to: region, in: known)
        throw APIError(
            .unknownRegion,
            "region \(region) is not in the Spot Advisor feed",
            field: regionField ?? "requirements.region",
            hint: "Did you mean \(nearest.joined(separator: ", "))? The feed covers \(known.count) regions."
        )
    }
}
