/// The numbers the network optimizer judges by, each with its reason.
package struct NetworkPolicy: Sendable, Hashable {
    /// The documented threshold: a pair must exchange strictly more, in GB a day.
    package var minimumPairGB = 10.0
    /// The documented threshold: a plan must save strictly more, in USD a month.
    package var minimumBenefit = 5.0
    /// Days of a month, as the documented example counts them: 100 GB a day are 60 USD a month.
    package var daysPerMonth = 30.0
    /// The price is charged to the sender and to the receiver.
    package var billedSides = 2.0
    /// Endpoints may carry that much more than their share when traffic stays in its zone: the documented limit.
    package var loadTolerance = 0.20
    /// Bytes of one GB; flow logs count bytes.
    package var bytesPerGB = 1e9
    /// Looks of the placement search; a little over a second of one core.
    package var searchSteps = 8_000_000
    /// Looks per millisecond of `time_budget_ms`, as measured on one core.
    package var stepsPerMillisecond = 7000
    /// More pods than this are not moved: the heaviest talkers first.
    package var mostFreePods = 20_000
    /// Weight of a preferred affinity, the highest there is: a wish, never a condition.
    package var affinityWeight: Int64 = 100

    package init() {}

    package static let standard = NetworkPolicy()

    /// USD a month for micro-gigabytes a day, at a price per GB and side.
    func monthly(_ microGB: Int64, price: Double) -> Double {
        Double(microGB) / 1e6 * daysPerMonth * price * billedSides
    }
}

/// What can be done about traffic between zones, the gentlest first.
package enum NetworkLever: String, Sendable, CaseIterable, Hashable {
    /// The Service prefers endpoints in the client's zone: nothing moves, nothing restarts.
    case trafficDistribution = "traffic_distribution"
    /// Pods change their zone.
    case placement
    /// The scheduler is asked to put pods near each other from now on.
    case affinity
}
