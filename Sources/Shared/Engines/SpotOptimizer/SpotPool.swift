import Contract

/// A type in one zone, scored and priced.
struct SpotPool: Sendable, Hashable {
    /// How the spot price was found.
    enum PriceOrigin: String, Sendable {
        /// The last price of the recorded history.
        case history = "spot_price_history"
        /// The on-demand price less the savings the feed states.
        case derived = "derived_from_on_demand"
        case unknown
    }

    var zone: String?
    var score: SpotScore
    /// USD per hour.
    var price: Double?
    var origin: PriceOrigin
    var pricedAt: Timestamp?
    /// USD per month including what interruptions are expected to cost; ranks, is not a price.
    var expectedMonthlyCost: Double?
}

/// An instance type that passed the filters, with its pools, best first.
struct SpotCandidate: Sendable {
    var spec: InstanceSpec
    var band: InterruptionBand?
    var advisorSavingsPercent: Int?
    /// USD per hour.
    var onDemand: Double?
    var pools: [SpotPool]

    var name: String { spec.name }

    /// Saved per hour with the best pool, when both prices are known.
    var hourlySavings: Double? {
        guard let onDemand, let price = pools.first?.price else { return nil }
        return onDemand - price
    }

    /// 0 to 1; from prices, or from the feed when a price is missing.
    var savingsFraction: Double? {
        if let onDemand, let hourlySavings { return hourlySavings / onDemand }
        return advisorSavingsPercent.map { Double($0) / 100 }
    }
}
