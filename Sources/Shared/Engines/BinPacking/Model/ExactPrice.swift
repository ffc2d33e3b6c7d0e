import Contract

/// What a machine costs per hour, in billionths of a USD, so that sums are exact.
struct ExactPrice: Sendable, Hashable {
    enum Origin: String, Sendable, Hashable {
        case onDemand = "on_demand_list"
        case spotHistory = "spot_history"
        /// On-demand price less the Spot Advisor's savings.
        case spotDerived = "spot_advisor_savings"
        case unknown
    }

    var nanos: Int64?
    var origin: Origin

    static let unknown = ExactPrice(nanos: nil, origin: .unknown)

    /// USD as billionths; nothing for what is no price.
    static func nanos(_ usd: Double?) -> Int64? {
        // A million USD per hour is beyond every machine, and keeps all sums within 64 bits.
        guard let usd, usd.isFinite, usd > 0, usd < 1_000_000 else { return nil }
        let nanos = Int64((usd * 1_000_000_000).rounded())
        return nanos > 0 ? nanos : nil
    }

    static func usd(_ nanos: Int64) -> Double { Double(nanos) / 1_000_000_000 }
}

/// The prices of one market, by type, zone and capacity type.
struct PriceList: Sendable {
    private let onDemand: [String: Double]
    private let savings: [String: Int]
    private var spot: [String: [String: Double]] = [:]
    /// A spot price that was last confirmed longer ago is no evidence: AWS repeats prices daily.
    private static let freshHours = 7.0 * 24

    init(_ market: RegionMarket, now: Timestamp) {
        onDemand = market.onDemand
        savings = Dictionary(market.advisor.map { ($0.instanceType, $0.savingsPercent) }) { min($0, $1) }
        for history in market.spotPrices {
            guard let point = history.points.last(where: { $0.at <= now }),
                now.hours(since: point.at) <= Self.freshHours
            else { continue }
            // Of two histories of one pool the dearer counts, whatever order they came in.
            let other = spot[history.instanceType]?[history.zone] ?? 0
            spot[history.instanceType, default: [:]][history.zone] = max(point.price, other)
        }
    }

    func price(_ type: String?, zone: String?, isSpot: Bool) -> ExactPrice {
        guard let type else { return .unknown }
        guard isSpot else {
            return ExactPrice.nanos(onDemand[type]).map { ExactPrice(nanos: $0, origin: .onDemand) } ?? .unknown
        }
        if let zone, let nanos = ExactPrice.nanos(spot[type]?[zone]) {
            return ExactPrice(nanos: nanos, origin: .spotHistory)
        }
        guard let list = onDemand[type], let percent = savings[type], percent > 0 else { return .unknown }
        return ExactPrice.nanos(list * (1 - Double(percent) / 100))
            .map { ExactPrice(nanos: $0, origin: .spotDerived) } ?? .unknown
    }
}
