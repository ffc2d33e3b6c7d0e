import Contract

/// Pure packing: which machines would hold the pods, whatever runs now.
///
/// Resources, pod slots and the DaemonSets' share of every machine count, and of the selectors what the type decides
/// (processor family, instance type). Rules between pods, zones and volumes do not: they are counted and reported.
struct FreshPacking {
    let request: PackRequest
    let market: RegionMarket
    private let resources: [String]
    private let pods: [Pod]
    private let daemons: [Pod]
    private let offers: [Offer]
    private var items: [Item] = []
    private(set) var unconsidered = 0

    /// A type with its price and what it leaves for pods.
    private struct Offer {
        var spec: InstanceSpec
        var price: Int64
        var room: [Int64]
        var labels: Labels
    }

    private struct ItemKey: Hashable {
        var size: [Int64]
        var rule: NodeAffinityRule
    }

    private struct Item {
        var key: ItemKey
        var pods: [ObjectKey]
    }

    /// Enough for the packer to prove most answers; about a second.
    private static let steps = 400_000_000
    private static let knownLabels = [
        "kubernetes.io/arch", "kubernetes.io/os", "node.kubernetes.io/instance-type",
    ]

    init(_ request: PackRequest, _ market: RegionMarket) {
        self.request = request
        self.market = market
        let active = request.cluster.pods.filter { !$0.isTerminal && !$0.isTerminating }.sorted { $0.key < $1.key }
        let pods = active.filter { !$0.isDaemon && !$0.isMirror }
        self.pods = pods
        var seen: Set<ObjectKey> = []
        let daemons = active.filter { pod in
            guard pod.isDaemon, let owner = pod.meta.controller?.name else { return false }
            return seen.insert(ObjectKey(namespace: pod.namespace, name: owner)).inserted
        }
        self.daemons = daemons
        var extended: Set<String> = []
        for pod in pods { extended.formUnion(pod.effectiveRequest.extended.keys) }
        let resources = ["cpu", "memory", "pods"] + extended.sorted()
        self.resources = resources
        // A pod that names its type may name one that is not worth its price otherwise.
        let namesTypes = pods.contains { $0.nodeSelector["node.kubernetes.io/instance-type"] != nil }
        offers = Self.offers(request, market, daemons, resources, keepsAll: namesTypes)
        readItems()
    }

    private static func vector(_ amounts: ResourceAmounts, _ resources: [String]) -> [Int64] {
        resources.map { min(max(0, amounts.amount(of: $0)), 1 << 50) }
    }

    private static func offers(
        _ request: PackRequest,
        _ market: RegionMarket,
        _ daemons: [Pod],
        _ resources: [String],
        keepsAll: Bool
    ) -> [Offer] {
        let overhead = daemons.reduce(ResourceAmounts.zero) { $0 + $1.effectiveRequest }
        let needsGPU = resources.contains("nvidia.com/gpu")
        let all = market.catalogue.values.sorted { $0.name < $1.name }.compactMap { spec -> Offer? in
            guard !spec.isBareMetal, !spec.isBurstable, spec.generation >= 3, spec.gpuCount == 0 || needsGPU,
                request.types.isEmpty
                    || request.types.contains(where: { $0.matches(type: spec.name, family: spec.family) }),
                let price = ExactPrice.nanos(market.onDemand[spec.name])
            else { return nil }
            var amounts = ClusterCompiler.amounts(spec)
            if spec.gpuCount > 0 { amounts.extended["nvidia.com/gpu"] = Int64(spec.gpuCount) }
            let full = ClusterCompiler.limit(vector(amounts, resources), headroom: request.options.headroom)
            let room = zip(full, vector(overhead, resources)).map { $0 - $1 }
            guard room.prefix(3).allSatisfy({ $0 > 0 }) else { return nil }
            let labels: Labels = [
                "kubernetes.io/arch": spec.architecture.rawValue, "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": spec.name,
            ]
            return Offer(spec: spec, price: price, room: room, labels: labels)
        }
        return keepsAll ? all : undominated(all)
    }

    /// A type that costs no less and holds no more than another of its processor family is never needed.
    private static func undominated(_ offers: [Offer]) -> [Offer] {
        offers.filter { offer in
            !offers.contains { other in
                guard other.spec.name != offer.spec.name, other.spec.architecture == offer.spec.architecture,
                    other.price <= offer.price, zip(other.room, offer.room).allSatisfy({ $0 >= $1 })
                else { return false }
                let isEqual = other.price == offer.price && other.room == offer.room
                return !isEqual || other.spec.name < offer.spec.name
            }
        }
    }

    private mutating func readItems() {
        let homes = Dictionary(request.cluster.nodes.map { ($0.name, $0.architecture) }) { first, _ in first }
        var numbers: [ItemKey: Int] = [:]
        for pod in pods {
            var rule = NodeAffinityRule(pod)
            let affinity = pod.affinity
            let hasMore =
                affinity?.requiredNodeTerms != nil || !(affinity?.requiredPodTerms.isEmpty ?? true)
                || !(affinity?.requiredAntiTerms.isEmpty ?? true) || pod.topologySpread.contains { $0.isRequired }
                || !pod.claimNames.isEmpty || rule.selector.contains { !Self.knownLabels.contains($0.key) }
            if hasMore { unconsidered += 1 }
            rule.terms = nil
            rule.selector = Labels(rule.selector.entries.filter { Self.knownLabels.contains($0.key) })
            if rule.selector["kubernetes.io/arch"] == nil {
                // The image is known to run on the family it runs on now, and on amd64 if it runs nowhere yet.
                rule.selector["kubernetes.io/arch"] = pod.nodeName.flatMap { homes[$0] ?? nil } ?? "amd64"
            }
            let key = ItemKey(size: Self.vector(pod.effectiveRequest, resources), rule: rule)
            if let known = numbers[key] {
                items[known].pods.append(pod.key)
            } else {
                numbers[key] = items.count
                items.append(Item(key: key, pods: [pod.key]))
            }
        }
    }

    // MARK: Answer

    var decision: Decision {
        let problem = PackingProblem(
            items: items.map { .init(size: $0.key.size, count: Int64($0.pods.count)) },
            bins: offers.map { offer in
                let fitting = items.indices.filter { items[$0].key.rule.matches(offer.labels, name: "") }
                return .init(capacity: offer.room, cost: offer.price, compatible: ClassSet(fitting))
            }
        )
        let result = VectorPacker.pack(
            problem,
            budget: StepBudget(limit: request.options.stepLimit ?? Self.steps)
        )
        return answer(result)
    }

    private func answer(_ result: PackingResult) -> Decision {
        var counts: [Int: Int64] = [:]
        for pattern in result.packing.patterns { counts[pattern.bin, default: 0] += pattern.multiplicity }
        let bins = counts.sorted { ($0.value, offers[$1.key].spec.name) > ($1.value, offers[$0.key].spec.name) }
        var warnings: [String] = []
        if unconsidered > 0 {
            warnings.append(
                "\(unconsidered) pods have rules about other pods, zones, labels or volumes: not considered here"
            )
        }
        let unplaced = result.packing.unplaced.flatMap { items[$0.item].pods.suffix(Int($0.count)) }
        if !unplaced.isEmpty { warnings.append("\(unplaced.count) pods fit on none of the types") }
        if offers.isEmpty { warnings.append("no type of the catalogue has a price and fits the request") }
        return Decision(
            type: .binPack,
            recommendations: bins.map { recommendation($0.key, $0.value) },
            confidence: bins.isEmpty ? 0.5 : 0.9,
            metadata: metadata(result, unplaced),
            riskAssessment: ["note": "nothing running is touched"],
            dataQuality: request.cluster.problems.isEmpty ? 1 : 0.8,
            warnings: warnings + request.cluster.assumptions,
            sources: market.sources,
            itemProblems: request.cluster.problems,
            engineVersion: BinPacking.version,
            snapshotID: market.snapshotID
        )
    }

    private func recommendation(_ bin: Int, _ count: Int64) -> JSONValue {
        [
            "action": "launch",
            "instance_type": .string(offers[bin].spec.name),
            "node_count": .integer(count),
            "hourly_price": PackReport.usd(offers[bin].price),
            "monthly_cost": .rounded(ExactPrice.usd(offers[bin].price) * Double(count) * PackReport.hoursPerMonth, 2),
            "monthly_savings": 0,
            "reason": "part of the cheapest set of machines found for the pods",
        ]
    }

    private func metadata(_ result: PackingResult, _ unplaced: [ObjectKey]) -> JSONObject {
        let patterns: [JSONValue] = result.packing.patterns.map { pattern in
            [
                "instance_type": .string(offers[pattern.bin].spec.name),
                "nodes": .integer(pattern.multiplicity),
                "contents": .array(
                    pattern.contents.map { content in
                        [
                            "example_pod": .string(items[content.item].pods.first?.description ?? ""),
                            "pods": .integer(content.count),
                        ]
                    }
                ),
            ]
        }
        let bound = min(result.cost, result.lowerBound)
        return [
            "region": .string(market.region),
            "mode": "pack",
            "currency": "USD",
            "nodes": .integer(result.packing.binCount),
            "hourly_cost": PackReport.usd(result.cost),
            "monthly_cost": PackReport.monthly(result.cost),
            "patterns": .array(patterns),
            "daemon_sets_per_node": .integer(Int64(daemons.count)),
            "types_considered": .array(offers.map { .string($0.spec.name) }),
            "unplaced_pods": .array(unplaced.sorted().map { .string($0.description) }),
            "pods_with_unconsidered_rules": .integer(Int64(unconsidered)),
            "bound": [
                "method": "column_generation", "hourly_cost": PackReport.usd(bound),
                "cost_gap": bound > 0 ? .rounded(Double(result.cost - bound) / Double(bound), 6) : 0,
                "is_optimal": .bool(result.isOptimal),
            ],
            "search": ["steps": .integer(Int64(result.steps))],
        ]
    }
}
