/// One pod's way: evicted here, expected there.
struct PodMove: Sendable, Hashable {
    var pod: Int
    /// -1 for a pod that waits for a node.
    var from: Int
    var to: Int
    /// From 1; 0 for pods that are only placed.
    var wave: Int
}

/// Evictions that may follow each other without waiting for budgets, then nodes that are empty.
struct DrainWave: Sendable, Hashable {
    /// Nodes that are closed to new pods before the wave begins.
    var cordoned: [Int] = []
    /// Nodes that stay after all and take pods again before the wave begins.
    var uncordoned: [Int] = []
    var moves: [PodMove] = []
    /// Nodes that end after the wave has been verified.
    var terminated: [Int] = []
}

/// An order in which everything can be carried out, one eviction at a time.
struct DrainPlan: Sendable {
    var placements: [PodMove] = []
    var waves: [DrainWave] = []
    /// Nodes that had to stay because no order could empty them.
    var abandoned: [Int] = []
    /// The cluster afterwards.
    var end: Placement

    var drained: [Int] { waves.flatMap(\.terminated).sorted() }
    var moves: [PodMove] { waves.flatMap(\.moves) }
}
