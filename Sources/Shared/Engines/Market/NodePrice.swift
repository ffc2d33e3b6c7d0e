package import Contract

/// What a node of some type costs, and how that is known.
package struct NodePrice: Sendable, Hashable {
    package enum Origin: String, Sendable, Hashable {
        case onDemand = "on_demand"
        case spotHistory = "spot_price_history"
        /// The on-demand price less the Spot Advisor's saving.
        case derived = "on_demand_less_advisor_savings"
    }

    /// USD per hour.
    package var hourly: Double
    package var origin: Origin

    package init(hourly: Double, origin: Origin) {
        self.hourly = hourly
        self.origin = origin
    }
}

/// Prices of a market by type, indexed once.
package struct NodePrices: Sendable {
    private let market: RegionMarket
    private let savings: [String: Int]
    private let latestSpot: [String: Double]
    private let latestSpotInZone: [String: Double]

    /// Indexes a market; spot prices after `now` do not exist yet.
    package init(_ market: RegionMarket, now: Timestamp) {
        self.market = market
        savings = Dictionary(market.advisor.map { ($0.instanceType, $0.savingsPercent) }, uniquingKeysWith: min)
        var overall: [String: Double] = [:]
        var zoned: [String: Double] = [:]
        for history in market.spotPrices {
            guard let point = history.points.last(where: { $0.at <= now }) else { continue }
            // Where the zone is not known, the dearest counts: a saving is never promised too high.
            overall[history.instanceType] = max(overall[history.instanceType] ?? 0, point.price)
            let key = history.instanceType + "/" + history.zone
            zoned[key] = max(zoned[key] ?? 0, point.price)
        }
        latestSpot = overall
        latestSpotInZone = zoned
    }

    package func onDemand(_ type: String) -> NodePrice? {
        guard let price = market.onDemand[type], price.isFinite, price > 0 else { return nil }
        return NodePrice(hourly: price, origin: .onDemand)
    }

    package func spot(_ type: String, zone: String?) -> NodePrice? {
        if let zone, let price = latestSpotInZone[type + "/" + zone] {
            return NodePrice(hourly: price, origin: .spotHistory)
        }
        if let price = latestSpot[type] { return NodePrice(hourly: price, origin: .spotHistory) }
        guard let full = onDemand(type), let percent = savings[type], percent < 100 else { return nil }
        return NodePrice(hourly: full.hourly * (1 - Double(percent) / 100), origin: .derived)
    }
}
