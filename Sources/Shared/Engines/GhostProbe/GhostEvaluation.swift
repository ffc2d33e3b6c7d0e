import Contract

/// Compares machines with nodes and judges what is left over.
struct GhostEvaluation {
    /// Why no termination may follow from this input, whatever the verdicts.
    enum Suspicion: String, Sendable, CaseIterable {
        case nodeListEmpty = "node_list_empty"
        case nodeListUnreadable = "node_list_unreadable"
        case noNodeAmongInstances = "no_node_among_instances"
        case clusterMismatch = "cluster_name_mismatch"
        case tooManyGhosts = "too_many_ghosts"

        var sentence: String {
            switch self {
            case .nodeListEmpty: "the node list is empty: every machine would look like a ghost"
            case .nodeListUnreadable: "entries of the node list cannot be read, so any machine could be one of them"
            case .noNodeAmongInstances:
                "no node of the list is among the machines: they may be of another region or account"
            case .clusterMismatch: "the nodes belong to another cluster than the one that was named"
            case .tooManyGhosts: "too large a share of the cluster's machines looks like ghosts"
            }
        }
    }

    let request: GhostRequest
    let now: Timestamp
    /// The cluster whose machines can be ghosts, and how it was found.
    private(set) var cluster: String?
    private(set) var clusterIsInferred = false
    /// Machines that are nodes.
    private(set) var matched = 0
    /// Running machines with this cluster's tag, nodes or not.
    private(set) var clusterMachines = 0
    /// Everything that is no node, in the order of the ids.
    private(set) var verdicts: [GhostVerdict] = []
    private(set) var suspicions: [Suspicion] = []

    var isSuspicious: Bool { !suspicions.isEmpty }
    var lookingLikeGhosts: Int { verdicts.count { $0.looksLikeGhost } }

    init(_ request: GhostRequest, now: Timestamp) {
        self.request = request
        self.now = now
        let machines = Self.machines(request.instances, unclear: request.unclear)
        let isNode = machines.map { request.roster.contains($0.instance) }
        var lexicon = ClusterOwnership.lexicon()
        let ownership = machines.map { ClusterOwnership($0.instance.tags, &lexicon) }
        matched = isNode.count { $0 }
        findCluster(isNode, ownership)
        judge(machines, isNode, ownership)
        lookForSuspicions(isNode, ownership)
    }

    /// One entry per id in the order of ids; what is described in two ways is not known at all.
    private static func machines(
        _ instances: [EC2Instance],
        unclear: Set<String>
    ) -> [(instance: EC2Instance, isClear: Bool)] {
        var machines: [(instance: EC2Instance, isClear: Bool)] = []
        machines.reserveCapacity(instances.count)
        for position in IdentifierOrder.positions(instances.count, id: { instances[$0].id }) {
            let instance = instances[position]
            if let last = machines.last, last.instance.id == instance.id {
                if last.instance != instance { machines[machines.count - 1].isClear = false }
            } else {
                machines.append((instance, !unclear.contains(instance.id)))
            }
        }
        return machines
    }

    /// The name that was stated; else a name of the request that tags bear out; else the one that all nodes carry.
    private mutating func findCluster(_ isNode: [Bool], _ ownership: [ClusterOwnership]) {
        if let name = request.clusterName { return cluster = name }
        let ofNodes = namesOfNodes(isNode, ownership)
        for name in request.possibleNames where ofNodes.contains(name) { return cluster = name }
        if ofNodes.count == 1, let name = ofNodes.first {
            cluster = name
            clusterIsInferred = true
        }
    }

    private func namesOfNodes(_ isNode: [Bool], _ ownership: [ClusterOwnership]) -> [String] {
        var names: Set<String> = []
        for (index, tags) in ownership.enumerated() where isNode[index] {
            for name in tags.owners where !names.contains(name) { names.insert(name) }
        }
        return names.sorted()
    }

    private mutating func judge(
        _ machines: [(instance: EC2Instance, isClear: Bool)],
        _ isNode: [Bool],
        _ ownership: [ClusterOwnership]
    ) {
        let classifier = GhostClassifier(request: request, cluster: cluster, now: now)
        for index in machines.indices {
            let state = machines[index].instance.state
            let isRunning = state == .running || state == .pending
            if isRunning, let cluster, ownership[index].names(cluster) { clusterMachines += 1 }
            guard !isNode[index] else { continue }
            let machine = machines[index]
            if machine.isClear {
                verdicts.append(classifier.verdict(machine.instance, ownership[index]))
            } else {
                verdicts.append(GhostVerdict(instance: machine.instance, finding: .conflictingDescriptions))
            }
        }
    }

    private mutating func lookForSuspicions(_ isNode: [Bool], _ ownership: [ClusterOwnership]) {
        if request.roster.isEmpty {
            suspicions.append(.nodeListEmpty)
        } else if matched == 0, !verdicts.isEmpty {
            suspicions.append(.noNodeAmongInstances)
        }
        if !request.roster.unreadable.isEmpty { suspicions.append(.nodeListUnreadable) }
        if let named = request.clusterName {
            let ofNodes = namesOfNodes(isNode, ownership)
            if !ofNodes.isEmpty, !ofNodes.contains(named) { suspicions.append(.clusterMismatch) }
        }
        let ghosts = lookingLikeGhosts
        if ghosts > 0, Double(ghosts) > request.policy.largestGhostShare * Double(clusterMachines) {
            suspicions.append(.tooManyGhosts)
        }
    }
}
