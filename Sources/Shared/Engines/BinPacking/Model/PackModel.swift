import Contract

/// The cluster compiled to numbers: nodes and pods by index, rules as bit sets and counters.
///
/// Nodes are in the order of their names, pods in that of namespace and name, so the order of the input is forgotten
/// here. Replacement slots come after the existing nodes.
struct PackModel: Sendable {
    /// Names of the resource dimensions: cpu, memory, pods, ephemeral-storage, volumes, then extended ones by name.
    var resources: [String] = []
    var nodes: [PackNode] = []
    /// Nodes that exist; the rest are slots.
    var nodeCount = 0
    var pods: [PackPod] = []
    var classes: [PodClass] = []
    var topologies: [Topology] = []
    var counters: [TopologyCounter] = []
    var ports: [HostPort] = []
    /// Allocatable, by node and dimension.
    var capacity: [Int64] = []
    /// What pods that come may fill a node up to: the capacity less the headroom.
    var limit: [Int64] = []
    var budgets: [PackBudget] = []
    /// Zone by node, as an index into `zones`; -1 without one.
    var zoneOf: [Int] = []
    var zones: [String] = []
    var problems: [ItemProblem] = []
    /// Things that were assumed, in words.
    var assumptions: [String] = []

    var dimensions: Int { resources.count }

    static let cpu = 0
    static let memory = 1
    static let podSlots = 2
    static let ephemeral = 3
    static let volumes = 4

    /// Requests are held below this, so that sums of all pods fit 64 bits.
    static func ceiling(pods: Int) -> Int64 { Int64.max / 4 / Int64(max(1, pods)) }
}

/// A PodDisruptionBudget with what it allows now.
struct PackBudget: Sendable {
    var key: ObjectKey
    var allowed: Int64
}
