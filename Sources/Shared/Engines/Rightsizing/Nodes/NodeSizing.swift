import Contract

/// What becomes of one node.
struct NodeRecommendation: Sendable {
    var node: Node
    var size: NodeSize
    var current: InstanceSpec?
    var measure: NodeMeasure
    var merge: NodeMerge
    var action: NodeRule.Action
    var demand: NodeDemand
    var choice: NodeChoice
    var currentPrice: InstanceTariff.Quote?
    var forecast: NodeForecast?
    var shortages: [String: Int]
    /// Why a human must look first, or why it is only reported; empty when neither.
    var holds: [String] = []

    /// USD per month that are no longer paid; nothing when the present price is not known.
    func monthlyDelta(_ policy: RightsizePolicy) -> Double? {
        currentPrice.map { (choice.price.hourly - $0.hourly) * policy.hoursPerMonth }
    }

    func isDangerous(_ policy: RightsizePolicy) -> Bool {
        measure.cpuPercent > policy.dangerAbove || measure.memoryPercent > policy.dangerAbove
    }
}

/// Sizes the nodes of a cluster.
struct NodeSizing {
    private(set) var recommendations: [NodeRecommendation] = []
    private(set) var rejected: [Rejection] = []
    private(set) var missingPrices: Set<String> = []
    private(set) var analysed = 0

    private let request: RightsizeRequest
    private let market: RegionMarket
    private let index: ClusterIndex
    private let window: UsageWindow
    private let prices: InstanceTariff
    private let isStale: Bool
    private var shelves: [String: NodeChoice.Shelf] = [:]
    private let sums: PodSums

    init(
        _ request: RightsizeRequest,
        _ market: RegionMarket,
        _ index: ClusterIndex,
        _ window: UsageWindow,
        now: Timestamp,
        isStale: Bool
    ) {
        self.request = request
        self.market = market
        self.index = index
        self.window = window
        self.isStale = isStale
        prices = InstanceTariff(market, now: now)
        sums = PodSums(index, request.usage, window)
        var seen: Set<String> = []
        for node in index.state.nodes.sorted(by: { $0.name < $1.name }) where seen.insert(node.name).inserted {
            analysed += 1
            switch size(node) {
            case .success(let recommendation): recommendations.append(recommendation)
            case .failure(let obstacle):
                rejected.append(Rejection(node.name, obstacle.reason, detail: obstacle.detail))
            }
        }
    }

    private mutating func size(_ node: Node) -> Result<NodeRecommendation, NodeObstacle> {
        if let obstacle = Self.obstacle(node) { return .failure(obstacle) }
        let current = node.instanceType.flatMap { market.catalogue[$0] }
        guard let size = NodeSize(node, current) else { return .failure(.init("unknown_size")) }
        let measure: NodeMeasure
        switch self.measure(node, size) {
        case .success(let found): measure = found
        case .failure(let obstacle): return .failure(obstacle)
        }
        guard
            var rule = NodeRule(
                cpuPercent: measure.cpuPercent,
                memoryPercent: measure.memoryPercent,
                currentCPU: size.cpu,
                currentMemory: size.memoryGB,
                policy: request.policy
            )
        else { return .failure(.init("properly_sized", Self.usageText(measure))) }
        rule.clamp(
            cpu: (request.leastCPU, request.mostCPU),
            memory: (request.leastMemoryGB, request.mostMemoryGB)
        )
        let forecast = request.forecasts[node.name]
        let merge = NodeMerge(rule, forecast, confidence: measure.confidence(request.policy), policy: request.policy)
        return choose(node, size, current, measure, rule.action, merge, forecast)
    }

    /// Machines that are not ours to replace, and states of a node in which nothing is known about its use.
    private static func obstacle(_ node: Node) -> NodeObstacle? {
        if node.isFargate { return .init("fargate") }
        if node.isHybrid { return .init("not_an_instance") }
        if node.isTerminating { return .init("terminating") }
        if !node.isReady { return .init("not_ready") }
        if node.isControlPlane { return .init("control_plane") }
        return nil
    }

    private func measure(_ node: Node, _ size: NodeSize) -> Result<NodeMeasure, NodeObstacle> {
        var usage = request.usage.nodes[node.name] ?? NodeUsage()
        for address in node.addresses where address.address != node.name {
            if let more = request.usage.nodes[address.address] { usage.merge(more) }
        }
        if let own = node.usage {
            let cpu = own.cpuPercent ?? own.cpu.map { Double($0) / size.millicores * 100 }
            let memory = own.memoryPercent ?? own.memory.map { Double($0) / size.bytes * 100 }
            usage.cpuPercent = usage.cpuPercent ?? cpu
            usage.memoryPercent = usage.memoryPercent ?? memory
        }
        if let measured = NodeMeasure.of(usage, size: size, window: window, policy: request.policy) { return measured }
        if let derived = sums.measure(node, size, index, request.policy) { return derived }
        return .failure(.init("no_data", "nothing was measured on this node"))
    }

    private static func usageText(_ measure: NodeMeasure) -> String {
        func percent(_ value: Double) -> String { "\(JSONValue.rounded(min(value, 1e6), 1).number ?? 0) %" }
        return "CPU \(percent(measure.cpuPercent)), memory \(percent(measure.memoryPercent))"
    }

    // MARK: Choosing

    private mutating func choose(
        _ node: Node,
        _ size: NodeSize,
        _ current: InstanceSpec?,
        _ measure: NodeMeasure,
        _ action: NodeRule.Action,
        _ merge: NodeMerge,
        _ forecast: NodeForecast?
    ) -> Result<NodeRecommendation, NodeObstacle> {
        let demand: NodeDemand
        switch self.demand(node, current, measure, merge) {
        case .success(let found): demand = found
        case .failure(let obstacle): return .failure(obstacle)
        }
        let present = node.instanceType.flatMap { price($0, node) }
        if let type = node.instanceType, present == nil { missingPrices.insert(type) }
        if action == .downsize, present == nil {
            return .failure(.init(node.instanceType == nil ? "unknown_instance_type" : "no_price", node.instanceType))
        }
        var shortages: [String: Int] = [:]
        guard let choice = shelf(node).first(demand, &shortages) else {
            return .failure(.init("no_fitting_type", Self.text(shortages)))
        }
        if let obstacle = objection(node, size, current, action, choice, present) { return .failure(obstacle) }
        var recommendation = NodeRecommendation(
            node: node,
            size: size,
            current: current,
            measure: measure,
            merge: merge,
            action: action,
            demand: demand,
            choice: choice,
            currentPrice: present,
            forecast: forecast,
            shortages: shortages
        )
        if merge.requiresReview { recommendation.holds.append("forecast_diverges") }
        if isStale, measure.source != .percentages { recommendation.holds.append("stale_metrics") }
        return .success(recommendation)
    }

    /// A smaller node must be strictly cheaper by enough, a larger one strictly larger where it was too small.
    private func objection(
        _ node: Node,
        _ size: NodeSize,
        _ current: InstanceSpec?,
        _ action: NodeRule.Action,
        _ choice: NodeChoice,
        _ present: InstanceTariff.Quote?
    ) -> NodeObstacle? {
        if choice.spec.name == node.instanceType { return .init("already_best", choice.spec.name) }
        switch action {
        case .downsize:
            guard let present else { return .init("no_price", node.instanceType) }
            let hourly = present.hourly - choice.price.hourly
            let monthly = hourly * request.policy.hoursPerMonth
            // A cent's fraction of tolerance: 5 % of a binary fraction is not always 5 %.
            let isEnough =
                monthly >= request.policy.leastSaving - 1e-9
                && hourly >= present.hourly * request.policy.leastSavingShare - 1e-12 && hourly > 0
            if !isEnough { return .init("saving_too_small", "\(choice.spec.name) saves \(Self.usd(monthly)) a month") }
        case .upsize:
            let isLarger =
                Double(choice.spec.vcpus) > size.cpu && Double(choice.spec.memoryMiB) > size.memoryGB * 1024
            if !isLarger { return .init("constraints_forbid_larger", choice.spec.name) }
        }
        return nil
    }

    private func demand(
        _ node: Node,
        _ current: InstanceSpec?,
        _ measure: NodeMeasure,
        _ merge: NodeMerge
    ) -> Result<NodeDemand, NodeObstacle> {
        let pods = index.pods(onNode: node.name).filter { !$0.isTerminal }
        if let obstacle = Self.pinned(pods) { return .failure(obstacle) }
        let asked = pods.reduce(ResourceAmounts.zero) { $0 + $1.effectiveRequest }
        let gpus = Self.gpus(asked, pods: index.state.pods.isEmpty ? nil : pods.count, current)
        guard let architectures = architectures(node, current) else { return .failure(.init("unknown_architecture")) }
        let usage = request.usage.nodes[node.name]
        return .success(
            NodeDemand(
                vcpus: merge.cpu,
                memoryMiB: Int(clamping: Int64(merge.memory).multipliedClamped(by: 1024)),
                millicores: max(
                    Self.whole(measure.peakMillicores / request.policy.utilisation),
                    Int(clamping: asked.cpu)
                ),
                usableMiB: max(
                    Self.whole(measure.peakBytes / 1_048_576 / request.policy.utilisation),
                    Self.whole(Double(asked.memory) / 1_048_576)
                ),
                pods: pods.count,
                gpus: gpus,
                gpuFamily: gpus > 0 ? current?.family : nil,
                architectures: architectures,
                averageMillicores: measure.averageMillicores,
                allowsBurstable: request.allowsBurstable && !request.isSteadyWork,
                networkMbps: usage?.networkMbps,
                ebsMbps: usage?.ebsMbps,
                localDiskGB: usage?.localDiskGB ?? 0,
                needsLocalDisk: usage?.localDiskGB.map { $0 > 0 } ?? ((current?.localDiskGB ?? 0) > 0),
                allowed: request.allowed,
                blocked: request.blocked,
                allowsBareMetal: current?.isBareMetal ?? false
            )
        )
    }

    /// Pods that name a type, and devices that the catalogue does not know, tie the node to what it is.
    private static func pinned(_ pods: [Pod]) -> NodeObstacle? {
        for pod in pods.sorted(by: { $0.key < $1.key }) {
            let terms = pod.affinity?.requiredNodeTerms ?? []
            let keys = pod.nodeSelector.keys + terms.flatMap { $0.matchExpressions.map(\.key) }
            if keys.contains(where: { $0.hasSuffix("/instance-type") || $0.hasPrefix("karpenter.k8s.aws/instance-") }) {
                return .init("pod_names_an_instance_type", pod.key.description)
            }
            let devices = pod.effectiveRequest.extended.filter { $0.value > 0 && !isGPU($0.key) }
            if let device = devices.first { return .init("unknown_device", "\(pod.key) asks for \(device.key)") }
        }
        return nil
    }

    private static func isGPU(_ resource: String) -> Bool { resource == "nvidia.com/gpu" || resource == "amd.com/gpu" }

    private static func gpus(_ asked: ResourceAmounts, pods: Int?, _ current: InstanceSpec?) -> Int {
        let wanted = asked.extended.filter { isGPU($0.key) }.map(\.value).max() ?? 0
        // Without pods at hand nothing says that the accelerators are idle.
        return max(Int(clamping: wanted), pods == nil ? current?.gpuCount ?? 0 : 0)
    }

    private func architectures(_ node: Node, _ current: InstanceSpec?) -> Set<Architecture>? {
        if !request.architectures.isEmpty { return request.architectures }
        if let own = current?.architecture ?? node.architecture.flatMap({ Architecture(rawValue: $0) }) { return [own] }
        guard let type = node.instanceType, let name = InstanceTypeName(type) else { return nil }
        return [name.isARM ? .arm64 : .amd64]
    }

    private func price(_ type: String, _ node: Node) -> InstanceTariff.Quote? {
        prices.cautiousQuote(type: type, zone: node.zone, isSpot: node.capacityType == .spot)
    }

    private mutating func shelf(_ node: Node) -> NodeChoice.Shelf {
        let isSpot = node.capacityType == .spot
        let key = isSpot ? "spot/\(node.zone ?? "")" : "on-demand"
        if let known = shelves[key] { return known }
        let shelf = NodeChoice.Shelf(market, preferredFamilies: request.preferredFamilies) { [prices] type in
            prices.cautiousQuote(type: type, zone: node.zone, isSpot: isSpot)
        }
        shelves[key] = shelf
        return shelf
    }

    private static func whole(_ amount: Double) -> Int {
        amount < 9e15 ? Int(max(0, amount.rounded(.up))) : Int(9e15)
    }

    private static func usd(_ amount: Double) -> String { "\(JSONValue.rounded(amount, 2).number ?? 0) USD" }

    private static func text(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}
