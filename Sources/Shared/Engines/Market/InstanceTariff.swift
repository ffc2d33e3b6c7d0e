package import Contract

/// What instances cost per hour in one market: looked up by type, zone and way of buying.
package struct InstanceTariff: Sendable {
    package enum Origin: String, Sendable, Hashable {
        case onDemand = "on_demand_price"
        /// The last recorded price of the zone.
        case spotHistory = "spot_price_history"
        /// The on-demand price less the savings that the Spot Advisor states for the trailing month.
        case spotAdvisor = "spot_advisor_savings"
        case caller = "caller"
    }

    package struct Quote: Sendable, Hashable {
        /// USD per hour.
        package var hourly: Double
        package var origin: Origin
        /// When the price began to hold; nothing for list prices.
        package var at: Timestamp?

        package init(hourly: Double, origin: Origin, at: Timestamp? = nil) {
            self.hourly = hourly
            self.origin = origin
            self.at = at
        }
    }

    /// The documents' month.
    package static let hoursPerMonth = 730.0

    private let market: RegionMarket
    private let spot: [String: PricePoint]
    /// USD per hour of the dearest zone of each type.
    private let dearestSpot: [String: Double]
    private let savings: [String: Int]

    /// Prepares the look-ups; prices that begin after `now` do not count.
    package init(_ market: RegionMarket, now: Timestamp) {
        self.market = market
        var spot: [String: PricePoint] = [:]
        var dearest: [String: Double] = [:]
        for history in market.spotPrices {
            guard let point = history.points.last(where: { $0.at <= now }) else { continue }
            let key = Self.key(history.instanceType, history.zone)
            // Of two histories of one pool the later price counts, whatever order they come in.
            if let other = spot[key], (other.at, other.price) >= (point.at, point.price) { continue }
            spot[key] = point
        }
        for history in market.spotPrices {
            guard let point = spot[Self.key(history.instanceType, history.zone)] else { continue }
            dearest[history.instanceType] = max(dearest[history.instanceType] ?? 0, point.price)
        }
        self.spot = spot
        dearestSpot = dearest
        savings = Dictionary(market.advisor.map { ($0.instanceType, $0.savingsPercent) }) { min($0, $1) }
    }

    /// The price of an instance, or nothing when it is not known; never a guess.
    ///
    /// - Parameters:
    ///   - type: Such as `m5.large`.
    ///   - zone: Where it runs, which only matters for spot.
    ///   - isSpot: How it is paid for.
    /// - Returns: nil when it is not known.
    package func quote(type: String, zone: String?, isSpot: Bool) -> Quote? {
        guard isSpot else { return onDemand(type).map { Quote(hourly: $0, origin: .onDemand) } }
        if let zone, let point = spot[Self.key(type, zone)] {
            return Quote(hourly: point.price, origin: .spotHistory, at: point.at)
        }
        guard let list = onDemand(type), let percent = savings[type], percent < 100 else { return nil }
        return Quote(hourly: list * Double(100 - percent) / 100, origin: .spotAdvisor)
    }

    /// Like ``quote(type:zone:isSpot:)``, but where a spot machine's zone is not known or not priced, the dearest zone of
    /// its type counts: a saving is never promised too high.
    ///
    /// - Parameters:
    ///   - type: Such as `m5.large`.
    ///   - zone: Where it runs.
    ///   - isSpot: How it is paid for.
    /// - Returns: nil when it is not known.
    package func cautiousQuote(type: String, zone: String?, isSpot: Bool) -> Quote? {
        if isSpot, zone.flatMap({ spot[Self.key(type, $0)] }) == nil, let hourly = dearestSpot[type] {
            return Quote(hourly: hourly, origin: .spotHistory)
        }
        return quote(type: type, zone: zone, isSpot: isSpot)
    }

    /// Whether the market's prices are those of that place; a price of another region is none.
    package func covers(region: String?, operatingSystem: String) -> Bool {
        (region == nil || region == market.region)
            && operatingSystem.lowercased() == market.operatingSystem.rawValue.lowercased()
    }

    /// The sources behind the quotes that were given.
    package func sources(of origins: Set<Origin>) -> [DataSource] {
        let needsList = origins.contains(.onDemand) || origins.contains(.spotAdvisor)
        return [
            origins.contains(.spotAdvisor) ? market.advisorSource : nil,
            needsList ? market.onDemandSource : nil,
            origins.contains(.spotHistory) ? market.spotPriceSource : nil,
            origins.contains(.caller)
                ? DataSource(kind: "instance_prices", name: DataSource.callerName, fetchedAt: nil) : nil,
        ].compactMap { $0 }
    }

    private func onDemand(_ type: String) -> Double? {
        market.onDemand[type].flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    private static func key(_ type: String, _ zone: String) -> String { "\(type)/\(zone)" }
}
