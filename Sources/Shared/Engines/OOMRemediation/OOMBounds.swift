import Contract

/// What the cluster allows: namespaces' own rules and the largest node.
struct OOMBounds {
    private let index: ClusterIndex
    private let ranges: [String: [LimitRange.Item]]
    private let quotas: [String: [ResourceQuota]]
    private let nodes: [Node]

    init(_ index: ClusterIndex) {
        self.index = index
        var ranges: [String: [LimitRange.Item]] = [:]
        for range in index.state.limitRanges { ranges[range.meta.namespace, default: []] += range.items }
        self.ranges = ranges
        quotas = Dictionary(grouping: index.state.quotas, by: \.meta.namespace)
        nodes = index.state.nodes.filter { !$0.isFargate && !$0.isTerminating }
    }

    /// Why the new amounts are not allowed in the namespace; empty when they are.
    func objections(_ item: OOMCase) -> [String] {
        var found: [String] = []
        let limit = item.newLimit ?? 0
        let request = item.newRequest ?? 0
        for range in ranges[item.key.namespace] ?? [] where range.type == "Container" {
            if let most = range.maximum.memory, max(limit, request) > most { found.append("limit_range_maximum") }
        }
        for quota in quotas[item.key.namespace] ?? [] {
            let growth = [
                ("limits.memory", max(0, limit.subtractingClamped(item.limit ?? 0))),
                ("requests.memory", max(0, request.subtractingClamped(item.request ?? 0))),
                ("memory", max(0, request.subtractingClamped(item.request ?? 0))),
            ]
            for (name, added) in growth where added > 0 {
                guard let hard = quota.hard[name] else { continue }
                let used = quota.used[name] ?? .zero
                // A rolling update runs one pod more for a while.
                let wanted = added.multipliedClamped(by: max(1, item.replicas))
                if used + Quantity(units: wanted) > hard { found.append("resource_quota") }
            }
        }
        return Array(Set(found)).sorted()
    }

    /// Bytes that pods can use on the largest node the pod may run on; nothing when no node is known.
    func largestNode(for pod: Pod?) -> Int64? {
        let selector = pod?.nodeSelector ?? [:]
        let pool = nodes.filter { node in selector.allSatisfy { node.labels[$0.key] == $0.value } }
        return (pool.isEmpty ? nodes : pool).map(\.usable.memory).filter { $0 > 0 }.max()
    }

    /// True when another autoscaler changes the memory of the workload's containers, or its replicas by memory.
    func isAutoscaled(_ key: ContainerUnit.Key) -> Bool {
        func isTarget(_ meta: ObjectMeta, _ target: ScaleTarget) -> Bool {
            meta.namespace == key.namespace && target.name == key.ownerName
                && (target.kind.isEmpty || target.kind == key.ownerKind)
        }
        return index.state.autoscalers.contains { isTarget($0.meta, $0.target) && $0.scales("memory") }
            || index.state.verticalAutoscalers.contains { isTarget($0.meta, $0.target) && $0.updateMode != "Off" }
    }
}
