/// The numbers the spot optimizer judges by, each with its reason.
package struct SpotPolicy: Sendable, Hashable {
    /// Safety of the five interruption bands, calmest first: the documented values.
    package var bandScores: [Double] = [1.0, 0.8, 0.6, 0.4, 0.2]
    /// Chance of an interruption within a month: the middle of each band, and 25 % for the open-ended one.
    package var bandProbabilities: [Double] = [0.025, 0.075, 0.125, 0.175, 0.25]
    /// Volatility score when history is too short to measure: the reference's constant for a calm pool.
    package var defaultVolatilityScore = 0.85
    /// A coefficient of variation of one half or more counts as fully volatile.
    package var fullVolatility = 0.5
    package var volatilityWindowDays = 7
    /// History shorter than a day has not seen one daily cycle.
    package var minimumHistoryHours = 24.0
    /// Below this the learned score says less than the public band.
    package var minimumLearnedConfidence = 0.3
    /// The documented first safety layer: no pool below it.
    package var minimumSafety = 0.75
    /// The documented second layer.
    package var minimumZones = 3
    /// The documented third layer: no (type, zone) pool above this share of all nodes.
    package var maximumPoolShare = 0.20
    /// The documented fourth layer: at least this share of all nodes on demand.
    package var minimumOnDemandShare = 0.15
    /// AWS advises to be flexible across at least ten types.
    package var targetTypes = 10
    /// Types before the third generation run on old hypervisors at worse prices.
    package var minimumGeneration = 3
    /// 365.25 × 24 / 12, rounded as AWS does in its own estimates.
    package var hoursPerMonth = 730.0
    /// What one interruption costs in work lost and repeated, in USD.
    ///
    /// Ours, a stand-in until the operator states a figure; used to rank, never counted as savings.
    package var restartCosts: [WorkloadType: Double] = [.stateless: 1, .batch: 5, .stateful: 25]

    package init() {}

    package static let standard = SpotPolicy()
}

/// How much an interruption hurts.
package enum WorkloadType: String, Sendable, CaseIterable, Hashable {
    case stateless, batch, stateful

    /// Accepts the names callers use for kinds of workload.
    package init?(name: String) {
        switch name.lowercased() {
        case "stateless", "web", "api", "microservice", "general", "cache": self = .stateless
        case "batch", "job", "ml", "ci", "training": self = .batch
        case "stateful", "database", "db", "statefulset", "storage": self = .stateful
        default: return nil
        }
    }
}
