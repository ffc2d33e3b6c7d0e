import Contract

/// How far the market's data can be trusted: a figure for machines, sentences for people.
struct DataQuality: Sendable {
    private(set) var score = 1.0
    private(set) var warnings: [String] = []

    /// The feed describes the trailing month and changes daily at most.
    private static let stale = 7.0 * 24
    private static let ageing = 24.0

    init(_ market: RegionMarket, _ evaluation: SpotEvaluation, now: Timestamp) {
        judgeFeed(market, now)
        judgePrices(market, evaluation)
        if market.sources.contains(where: \.isSample) {
            lower(to: 0.5)
            warnings.append("SAMPLE data: made-up figures for trying things out, not for real decisions")
        }
    }

    private mutating func judgeFeed(_ market: RegionMarket, _ now: Timestamp) {
        guard !market.advisor.isEmpty else {
            lower(to: 0.3)
            return warnings.append(
                "no Spot Advisor data for \(market.region) and \(market.operatingSystem.rawValue): fetch the feed first"
            )
        }
        guard let fetchedAt = market.advisorSource?.fetchedAt else {
            lower(to: 0.7)
            return warnings.append("the age of the Spot Advisor feed is unknown")
        }
        let age = now.hours(since: fetchedAt)
        let days = Int(age / 24)
        if age > Self.stale {
            lower(to: 0.7)
            warnings.append("the Spot Advisor feed is \(days) days old: fetch it again")
        } else if age > Self.ageing {
            lower(to: 0.9)
            warnings.append("the Spot Advisor feed is \(Int(age)) hours old")
        }
    }

    private mutating func judgePrices(_ market: RegionMarket, _ evaluation: SpotEvaluation) {
        let fitting = evaluation.onDemand.count + evaluation.missingPrices.count
        if fitting > 0, !evaluation.missingPrices.isEmpty {
            // All prices missing costs three tenths: safety can still be judged, savings cannot.
            score *= 1 - 0.3 * Double(evaluation.missingPrices.count) / Double(fitting)
            warnings.append("\(evaluation.missingPrices.count) of \(fitting) fitting types have no on-demand price")
        }
        if market.zones.isEmpty { warnings.append("the zones of \(market.region) are not known") }
    }

    private mutating func lower(to most: Double) { score = min(score, most) }
}
