import Contract

/// The pods that talk, where they run, and what binds them: the measured cluster in the form the levers work on.
///
/// Every list has a fixed order by name, so nothing here depends on the order of the input.
struct NetworkMap: Sendable {
    struct Pod: Sendable, Hashable {
        /// `namespace/name` where the namespace is known.
        var name: String
        var service: Int
        var zone: Int
        var demand: PodDemand
        var allowed: ZoneSet
        /// Why it must stay; nothing when it may move.
        var pin: String?
        /// It counts as an endpoint of its service.
        var isReady: Bool
    }

    struct Service: Sendable, Hashable {
        /// How a name of a service was found.
        enum Origin: Int, Sendable {
            /// A workload of the cluster, or a name the caller calls a service.
            case stated
            /// The pod's name has the form that workloads give their pods.
            case inferred
            /// One pod by itself.
            case lone
        }

        var name: String
        var namespace = ""
        var origin = Origin.stated
        /// Pods in each zone, with or without traffic.
        var pods: [Int]
        /// Those of them that are ready.
        var endpoints: [Int]
        var spread = PlacementProblem.Spread()
        /// Labels that select its pods; empty when they are not known.
        var labels: Labels = [:]
        /// The Kubernetes Services in front of it, by name.
        var fronts: [Front] = []
        var replicas: Int { pods.reduce(0, +) }
    }

    /// A Kubernetes Service that selects a service's pods.
    struct Front: Sendable, Hashable {
        var name: String
        /// Why its traffic distribution cannot be changed to good effect; nothing when it can.
        var obstacle: String?
    }

    struct Edge: Sendable, Hashable {
        var first: Int
        var second: Int
        /// Micro-gigabytes a day, both directions together.
        var weight: Int64
        /// The pod that is known to be called, if one is.
        var called: Int?
    }

    var zones: [String] = []
    /// The zones pods can be moved to.
    var eligible = ZoneSet()
    var services: [Service] = []
    var pods: [Pod] = []
    var edges: [Edge] = []
    /// What each zone has left.
    var room: [PodDemand] = []
    /// Zones whose capacity is not known.
    var unknownCapacity: [String] = []
    /// True when the caller's state holds Kubernetes Services at all.
    var knowsFronts = false
    /// Kubernetes releases before 1.34 know the same behaviour under an older name.
    var isOldCluster = false
    var rejected = Rejections()
    var warnings: [String] = []
    /// Micro-gigabytes a day of rows that could not be used.
    var unusedTraffic: Int64 = 0

    /// Micro-gigabytes a day between zones, by today's placement.
    var crossing: Int64 {
        edges.reduce(0) { $0 + (pods[$1.first].zone == pods[$1.second].zone ? 0 : $1.weight) }
    }

    var total: Int64 { edges.reduce(0) { $0 + $1.weight } }
}
