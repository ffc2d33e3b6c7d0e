import Contract

/// A pod as the packing sees it.
struct PackPod: Sendable {
    enum Role: Sendable, Hashable {
        /// Waits for a node and is placed before anything moves.
        case pending
        /// Can be evicted and comes up elsewhere.
        case movable
        /// Keeps its node; the reason is in `pin`.
        case pinned
        /// Of a DaemonSet or static: gone when its node goes, and no reason to keep it.
        case local
        /// Being deleted already: uses its room until then.
        case leaving
    }

    /// Position in the cluster state.
    var source: Int
    var key: ObjectKey
    var role: Role
    var pin: NodeBlock?
    var podClass: Int
    /// The node it is on; -1 when pending.
    var home: Int
    /// Indices of the budgets that cover it.
    var budgets: [Int]
    /// Karpenter's eviction cost: 1 + deletion cost / 2^27 + priority / 2^25, within -10...10.
    var disruption: Double
    var priority: Int64
    var graceSeconds: Int64

    /// Placed by us, at the start or later.
    var isFree: Bool { role == .pending || role == .movable }
}

/// Pods that no scheduling rule tells apart.
struct PodClass: Sendable {
    /// By resource dimension, pod slot and volumes included.
    var request: [Int64]
    /// Nodes that its own rules allow, capacity and other pods aside.
    var allowed: NodeSet
    /// Counters of all kinds that count these pods as matches.
    var counted: [Int] = []
    /// Spread counters among `counted`.
    var countedSpread: [Int] = []
    /// Exclusion counters among `counted`: no owner may be in the domain.
    var countedExclusion: [Int] = []
    /// Its own anti-affinity terms.
    var exclusion: [Int] = []
    /// Its own affinity terms; all must hold.
    var affinity: [Int] = []
    /// The pods match their own affinity terms, so the first of them may go anywhere.
    var isOwnCompany = false
    /// Its own spread constraints, and whether it counts itself.
    var spread: [(counter: Int, isSelf: Bool)] = []
    var ports: [Int] = []

    var hasTerms: Bool { !counted.isEmpty || !exclusion.isEmpty || !affinity.isEmpty || !spread.isEmpty }
}
