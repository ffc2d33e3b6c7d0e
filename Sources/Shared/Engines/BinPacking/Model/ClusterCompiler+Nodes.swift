import Contract

extension ClusterCompiler {
    /// The nodes in the order of their names, with capacities and prices.
    mutating func readNodes(resources: [String]) {
        model.resources = resources
        var seen: Set<String> = []
        var nodes: [Node] = []
        for (position, node) in index.state.nodes.enumerated() {
            guard seen.insert(node.name).inserted else {
                model.problems.append(
                    ItemProblem(
                        field: "nodes[\(position)]",
                        code: "duplicate",
                        message: "node \(node.name) is in the list twice; the first counts"
                    )
                )
                continue
            }
            nodes.append(node)
        }
        sourceNodes = nodes.sorted { $0.name < $1.name }
        model.zones = Set(sourceNodes.compactMap(\.zone)).sorted()
        for (position, node) in sourceNodes.enumerated() {
            nodeIndex[node.name] = position
            add(node)
        }
        model.nodeCount = model.nodes.count
    }

    private mutating func add(_ source: Node) {
        let (allocatable, isEstimated) = allocatable(source)
        let isSpot = source.capacityType == .spot
        let price =
            source.isFargate || source.isHybrid
            ? .unknown : prices.price(source.instanceType, zone: source.zone, isSpot: isSpot)
        let attach = VolumeRule.limit(source)
        var node = PackNode(
            name: source.name,
            instanceType: source.instanceType,
            zone: source.zone,
            capacityType: source.capacityType,
            price: price.nanos,
            priceOrigin: price.origin,
            closedTo: NodeOpenRule.closedTo(source),
            blocks: NodeOpenRule.blocks(source),
            isEstimated: isEstimated,
            attachLimit: attach.count,
            attachLimitIsAssumed: attach.isAssumed,
            labels: source.labels,
            taints: source.taints,
            createdAt: source.meta.createdAt
        )
        if let allocatable {
            append(vector(allocatable, disks: attach.count))
        } else {
            node.closedTo = node.closedTo ?? "allocatable_unknown"
            node.blocks.append(NodeBlock("allocatable_unknown"))
            append(Array(repeating: 0, count: model.dimensions))
        }
        model.nodes.append(node)
        model.zoneOf.append(source.zone.flatMap { model.zones.firstIndex(of: $0) } ?? -1)
    }

    /// Room on a node, and the part of it that pods which come may fill.
    mutating func append(_ capacity: [Int64]) {
        model.capacity += capacity
        model.limit += Self.limit(capacity, headroom: options.headroom)
    }

    static func limit(_ capacity: [Int64], headroom: Double) -> [Int64] {
        guard headroom > 0 else { return capacity }
        return capacity.enumerated().map { index, amount in
            guard index == PackModel.cpu || index == PackModel.memory else { return amount }
            // Rounded so that never less than the headroom stays free; amounts beyond 2^53 lose at most a millionth.
            return amount - min(amount, Int64((Double(amount) * headroom).rounded(.up)))
        }
    }

    /// What the node says, else what its capacity leaves after the kubelet's reserve, else what its type leaves.
    ///
    /// Local disk that nobody described is none, as for the scheduler.
    private func allocatable(_ node: Node) -> (ResourceAmounts?, isEstimated: Bool) {
        let spec = node.instanceType.flatMap { market.catalogue[$0] }
        if let allocatable = node.allocatable, allocatable.cpu > 0 || allocatable.memory > 0 {
            var amounts = allocatable
            guard amounts.pods == 0 else { return (amounts, false) }
            amounts.pods = node.capacity.pods > 0 ? node.capacity.pods : Int64(spec?.maximumPods ?? Self.usualPods)
            return (amounts, true)
        }
        if node.capacity.cpu > 0, node.capacity.memory > 0 { return (Self.reserved(node, spec), true) }
        guard let spec else { return (nil, true) }
        return (Self.amounts(spec), true)
    }

    /// The kubelet's own ceiling, where nothing else is said.
    private static let usualPods = 110

    static func amounts(_ spec: InstanceSpec) -> ResourceAmounts {
        ResourceAmounts(
            cpu: Int64(spec.allocatableMillicores),
            memory: Int64(spec.allocatableMiB) << 20,
            pods: Int64(spec.maximumPods)
        )
    }

    private static func reserved(_ node: Node, _ spec: InstanceSpec?) -> ResourceAmounts {
        let most: Int64 = 1 << 50
        let vcpus = Int(min(most, node.capacity.cpu) / 1000)
        let mebibytes = Int(min(most, node.capacity.memory) >> 20)
        let pods = node.capacity.pods > 0 ? Int(min(most >> 20, node.capacity.pods)) : spec?.maximumPods ?? usualPods
        var amounts = node.capacity
        amounts.cpu = max(0, Int64(InstanceSpec.estimatedMillicores(vcpus: vcpus)))
        amounts.memory =
            Int64(
                InstanceSpec.estimatedMiB(
                    memoryMiB: mebibytes,
                    maximumPods: pods,
                    architecture: node.architecture == "arm64" ? .arm64 : .amd64
                )
            ) << 20
        amounts.pods = Int64(pods)
        return amounts
    }
}
