/// Why a pod cannot come to a node.
enum Obstacle: Sendable, Hashable, Comparable {
    case closed, rules, resource(Int), ports, antiAffinity, affinity, spread

    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .closed: 0
        case .rules: 1
        case .resource(let index): 2 + index
        case .ports: 1_000_000
        case .antiAffinity: 1_000_001
        case .affinity: 1_000_002
        case .spread: 1_000_003
        }
    }

    func code(_ resources: [String]) -> String {
        switch self {
        case .closed: "node_closed"
        case .rules: "taints_affinity_or_volume"
        case .resource(let index): "insufficient_" + resources[index]
        case .ports: "host_port"
        case .antiAffinity: "pod_anti_affinity"
        case .affinity: "pod_affinity"
        case .spread: "topology_spread"
        }
    }
}

extension Placement {
    /// True when the scheduler would put such a pod on the node now.
    func allows(_ podClass: Int, _ node: Int) -> Bool {
        guard open.contains(node), model.classes[podClass].allowed.contains(node), hasRoom(podClass, node) else {
            return false
        }
        return termsAllow(podClass, node)
    }

    /// The rules beside capacity and static ones.
    func termsAllow(_ podClass: Int, _ node: Int) -> Bool {
        if !model.classes[podClass].ports.isEmpty, !portsAreFree(podClass, node) { return false }
        if !model.classes[podClass].hasTerms { return true }
        return isTolerated(podClass, node) && hasCompany(podClass, node) && spreadAllows(podClass, node)
    }

    /// The first rule in the way, for explanations.
    func obstacle(_ podClass: Int, _ node: Int) -> Obstacle? {
        if !open.contains(node) { return .closed }
        if !model.classes[podClass].allowed.contains(node) { return .rules }
        if let resource = shortResource(podClass, node) { return .resource(resource) }
        if !portsAreFree(podClass, node) { return .ports }
        if !isTolerated(podClass, node) { return .antiAffinity }
        if !hasCompany(podClass, node) { return .affinity }
        return spreadAllows(podClass, node) ? nil : .spread
    }

    /// The state as a whole holds every rule it held when the cluster came.
    var isSound: Bool { brokenAffinity == 0 && isSpread }
}
