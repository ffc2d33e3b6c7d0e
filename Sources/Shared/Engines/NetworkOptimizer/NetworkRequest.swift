import Contract

/// What a caller asks the network optimizer, checked.
package struct NetworkRequest: Sendable {
    /// What a caller says about a service beside its pods.
    struct Declared: Sendable, Hashable {
        var isMovable: Bool?
        /// Of each pod that says nothing itself.
        var millicores: Int64?
        var mebibytes: Int64?
    }

    package var region: String
    /// Where the region was named, for an error about it.
    package var regionField: String?
    var cluster = ClusterState()
    var rows: [TrafficRow] = []
    /// True when the caller sent traffic at all.
    var hasTraffic = false
    var windowHours: Double?
    /// Zones the caller names; empty when they follow from the nodes.
    var zones: [String] = []
    /// What pods of a zone may ask for together, where the caller says it.
    var capacity: [String: PodDemand] = [:]
    var services: [String: Declared] = [:]
    var pinned: Set<String> = []
    var levers = Set(NetworkLever.allCases)
    var maximumMoves: Int?
    var minimumPairGB: Double
    var minimumBenefit: Double
    var daysPerMonth: Double
    var searchSteps: Int
    /// USD per GB and side, when the caller brings his own price.
    var price: Double?
    var explains = false
    var assumed: [String] = []
    var warnings: [String] = []
    var itemProblems: [ItemProblem] = []
}
