package import Contract

/// What a caller asks of rightsizing, checked.
package struct RightsizeRequest: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        case percentile, vpa
    }

    package enum Level: String, Sendable, Hashable, CaseIterable {
        case both, nodes, containers
    }

    package var region: String
    package var regionField: String?
    package var cluster = ClusterState()
    package var usage = UsageTable()
    package var forecasts: [String: NodeForecast] = [:]
    package var policy = RightsizePolicy.standard
    package var mode = Mode.percentile
    package var level = Level.both
    package var workload: String?
    package var allowed: [NamePattern] = []
    package var blocked: [NamePattern] = []
    /// Empty: the node's own.
    package var architectures: Set<Architecture> = []
    package var allowsBurstable = true
    package var leastCPU: Int?
    package var mostCPU: Int?
    package var leastMemoryGB: Int?
    package var mostMemoryGB: Int?
    package var assumed: [String] = []
    package var warnings: [String] = []
    package var itemProblems: [ItemProblem] = []
    package var explains = false

    package init(region: String) { self.region = region }

    /// Families the document prefers for a kind of work; they decide between types of equal price.
    var preferredFamilies: [String] {
        switch workload {
        case "web": ["t3", "t3a", "m6i", "m5"]
        case "database": ["r6i", "r5", "m6i"]
        case "ml": ["p3", "g4dn", "c6i"]
        case "batch": ["c6i", "c5", "m6i"]
        case "cache": ["r6i", "r5", "x2gd"]
        default: []
        }
    }

    /// Work that runs steadily, or keeps data in memory, empties the credits of a burstable type.
    var isSteadyWork: Bool { ["database", "cache", "ml", "batch"].contains(workload) }
    var isBatch: Bool { workload == "batch" }
}
