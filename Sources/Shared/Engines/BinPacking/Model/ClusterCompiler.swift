import Contract

/// Compiles a cluster into a ``PackModel``.
///
/// Equal pods become one class, equal terms one counter, and whatever a rule can say without knowing where other pods
/// are becomes a bit set of nodes.
struct ClusterCompiler {
    let index: ClusterIndex
    let options: PackOptions
    let market: RegionMarket
    let prices: PriceList
    let now: Timestamp
    var model = PackModel()
    /// Sources of the model's nodes, in its order.
    var sourceNodes: [Node] = []
    var nodeIndex: [String: Int] = [:]
    var groups = NodeGroups()
    var staticSets: [StaticKey: NodeSet] = [:]
    var classIndex: [ClassKey: Int] = [:]
    var terms = TermTable()
    /// Keys of labels that any selector of any term looks at.
    var labelKeys: Set<String> = []

    /// Everything that decides which nodes a pod may be on without looking at other pods.
    struct StaticKey: Hashable {
        var affinity: NodeAffinityRule
        var taints: TaintRule
        var volumes: [[NodeSelectorTerm]]
        var architecture: String?
        var operatingSystem: String?
    }

    /// Everything that tells pods apart for the scheduler.
    struct ClassKey: Hashable {
        var place: StaticKey
        var namespace: String
        var labels: Labels
        var request: [Int64]
        var ports: [Int]
        var affinity: [PodAffinityTerm]
        var exclusion: [PodAffinityTerm]
        var spread: [TopologySpread]
        var isStuck: Bool
        var isLocal: Bool
    }

    init(_ state: ClusterState, _ options: PackOptions, _ market: RegionMarket, now: Timestamp) {
        index = ClusterIndex(state)
        self.options = options
        self.market = market
        self.now = now
        prices = PriceList(market, now: now)
    }

    /// Compiles everything.
    static func model(
        _ state: ClusterState,
        _ options: PackOptions,
        _ market: RegionMarket,
        now: Timestamp
    ) -> PackModel {
        var compiler = ClusterCompiler(state, options, market, now: now)
        compiler.compile()
        return compiler.model
    }

    private mutating func compile() {
        let pods = countedPods()
        readNodes(resources: resourceNames(pods))
        addSlots()
        groups = NodeGroups(model.nodes, sourceNodes, pods: pods, storage: index.state)
        readPods(pods)
        addCounters()
        dropTermsBeyondMemory()
        blockNodes()
    }

    // MARK: What is counted

    /// Pods that use something, in the order of namespace and name, with their places in the input.
    private mutating func countedPods() -> [(source: Int, pod: Pod)] {
        var seen: Set<ObjectKey> = []
        var result: [(source: Int, pod: Pod)] = []
        for (position, pod) in index.state.pods.enumerated() where !pod.isTerminal {
            guard seen.insert(pod.key).inserted else {
                model.problems.append(
                    ItemProblem(
                        field: "pods[\(position)]",
                        code: "duplicate",
                        message: "pod \(pod.key) is in the list twice; the first counts"
                    )
                )
                continue
            }
            result.append((position, pod))
        }
        return result.sorted { $0.pod.key < $1.pod.key }
    }

    private func resourceNames(_ pods: [(source: Int, pod: Pod)]) -> [String] {
        var extended: Set<String> = []
        for (_, pod) in pods {
            for container in pod.containers + pod.initContainers {
                for entry in container.requests.extended { extended.insert(entry.key) }
                for entry in container.limits.extended { extended.insert(entry.key) }
            }
            for entry in pod.overhead.extended { extended.insert(entry.key) }
        }
        return ["cpu", "memory", "pods", "ephemeral-storage", "attachable-volumes"]
            + extended.filter { !$0.hasPrefix("attachable-volumes") }.sorted()
    }

    /// Requests as numbers, held within what sums can bear; less than nothing is nothing.
    func vector(_ amounts: ResourceAmounts, disks: Int64) -> [Int64] {
        let ceiling = PackModel.ceiling(pods: index.state.pods.count + 1)
        return model.resources.enumerated().map { position, name in
            let amount = position == PackModel.volumes ? disks : amounts.amount(of: name)
            return min(max(0, amount), ceiling)
        }
    }
}
