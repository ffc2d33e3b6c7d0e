package import Contract
package import Engines

/// The features that models of spot instances are trained on, by their documented names.
///
/// A feature that cannot be computed is missing, never guessed: a model that takes missing values gets NaN, and all others
/// are not asked.
package struct SpotFeatures: Sendable {
    /// Numbers by name; NaN is a missing one.
    package private(set) var numbers: [String: Double] = [:]
    /// Texts by name: for models with label encoders, or that encode by themselves.
    package private(set) var texts: [String: String] = [:]

    /// - Parameters:
    ///   - type: The instance type.
    ///   - zone: Its zone.
    ///   - region: Its region.
    ///   - history: Changes of its price, oldest first.
    ///   - spotPrice: USD per hour; nil takes what the history says.
    ///   - onDemand: USD per hour; zero is missing.
    ///   - band: How often AWS took it back during the last month.
    ///   - moment: The hour to predict for, UTC.
    package init(
        type: String,
        zone: String,
        region: String,
        history: [PricePoint],
        spotPrice: Double? = nil,
        onDemand: Double?,
        band: InterruptionBand?,
        at moment: Timestamp
    ) {
        let prices = HourlyPrices(history, at: moment)
        let current = spotPrice ?? prices.lag(0)
        let onDemand = onDemand.flatMap { $0 > 0 ? $0 : nil }

        numbers["hour"] = Double(moment.hour)
        numbers["day_of_week"] = Double(moment.weekday)
        numbers["month"] = Double(moment.month)
        numbers["is_weekend"] = moment.weekday >= 5 ? 1 : 0
        numbers["is_night"] = moment.hour < 6 || moment.hour >= 22 ? 1 : 0
        numbers["spot_price"] = current ?? .nan
        numbers["current_price"] = current ?? .nan
        numbers["on_demand_price"] = onDemand ?? .nan
        numbers["price_ratio"] = current.flatMap { price in onDemand.map { price / $0 } } ?? .nan
        numbers["interruption_rate"] = band.map { Double($0.index) } ?? .nan
        for hours in [24, 168] {
            numbers["price_ma_\(hours)h"] = prices.mean(hours) ?? .nan
            numbers["price_std_\(hours)h"] = prices.standardDeviation(hours) ?? .nan
        }
        for hours in [1, 6, 24] { numbers["price_lag_\(hours)h"] = prices.lag(hours) ?? .nan }
        texts["instance_type"] = type
        texts["availability_zone"] = zone
        texts["region"] = region
        if let band { texts["interruption_rate"] = band.label }
    }

    /// The same, from a market.
    package init(type: String, zone: String, market: RegionMarket, spotPrice: Double? = nil, at moment: Timestamp) {
        self.init(
            type: type,
            zone: zone,
            region: market.region,
            history: market.spotPrices.first { $0.instanceType == type && $0.zone == zone }?.points ?? [],
            spotPrice: spotPrice,
            onDemand: market.onDemand[type],
            band: market.advisor.first { $0.instanceType == type }?.band,
            at: moment
        )
    }

    /// Names that a model may ask for; `_encoded` ones need its label encoders.
    package static let encoded = [
        "instance_type_encoded", "availability_zone_encoded", "region_encoded", "interruption_rate_encoded",
    ]
}
