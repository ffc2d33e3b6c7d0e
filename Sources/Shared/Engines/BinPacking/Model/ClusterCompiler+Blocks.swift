import Contract

extension ClusterCompiler {
    /// Writes down for each node why it stays: its own reasons first, then its pods', then what is not known about it.
    mutating func blockNodes() {
        for pod in model.pods where pod.home >= 0 && pod.home < model.nodeCount {
            if let pin = pod.pin { model.nodes[pod.home].blocks.append(pin) }
        }
        blockDoubtful()
        var hasPods = Array(repeating: false, count: model.nodes.count)
        var load = Array(repeating: Int64(0), count: model.nodes.count * 2)
        for pod in model.pods where pod.home >= 0 {
            if pod.role == .movable { hasPods[pod.home] = true }
            let request = model.classes[pod.podClass].request
            load[pod.home * 2] += request[PackModel.cpu]
            load[pod.home * 2 + 1] += request[PackModel.memory]
        }
        for node in 0..<model.nodeCount {
            if model.nodes[node].price == nil, hasPods[node] {
                // Nobody can say that moving its pods would save anything.
                model.nodes[node].blocks.append(NodeBlock("price_unknown", detail: model.nodes[node].instanceType))
            }
            guard let threshold = options.threshold, hasPods[node] else { continue }
            let base = node * model.dimensions
            let cpu = Double(load[node * 2]) / Double(max(1, model.capacity[base + PackModel.cpu]))
            let memory = Double(load[node * 2 + 1]) / Double(max(1, model.capacity[base + PackModel.memory]))
            if max(cpu, memory) >= threshold {
                model.nodes[node].blocks.append(NodeBlock("above_use_threshold"))
            }
        }
        if options.policy == .balanced { blockUnbalanced() }
    }

    /// What could not be read may be the very pod that must not be moved.
    private mutating func blockDoubtful() {
        let state = index.state
        let doubtful = Set(state.doubtfulNodes)
        for node in 0..<model.nodeCount {
            if state.pods.isEmpty { model.nodes[node].blocks.append(NodeBlock("no_pods_sent")) }
            if state.hasUnplacedUnreadablePods { model.nodes[node].blocks.append(NodeBlock("unreadable_pods")) }
            if doubtful.contains(model.nodes[node].name) {
                model.nodes[node].blocks.append(NodeBlock("unreadable_object"))
            }
        }
    }

    /// Karpenter's balanced policy: a node's share of the savings is at least 1/k of its share of the disruption, k = 2.
    private mutating func blockUnbalanced() {
        var disruption = Array(repeating: 1.0, count: model.nodeCount)
        for pod in model.pods where pod.role == .movable { disruption[pod.home] += max(0, pod.disruption) }
        let priced = (0..<model.nodeCount).filter { model.nodes[$0].price != nil }
        let cost = priced.reduce(0.0) { $0 + Double(model.nodes[$1].price ?? 0) }
        let whole = priced.reduce(0.0) { $0 + disruption[$1] }
        for node in priced where model.nodes[node].blocks.isEmpty {
            let savings = Double(model.nodes[node].price ?? 0) / cost
            if savings / (disruption[node] / whole) < 0.5 {
                model.nodes[node].blocks.append(NodeBlock("too_disruptive_for_its_savings"))
            }
        }
    }
}
