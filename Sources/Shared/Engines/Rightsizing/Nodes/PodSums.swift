import Contract

/// The use of nodes nobody measured, added up from the containers on them.
struct PodSums {
    /// Measurements by pod.
    private let usage: [ObjectKey: [ContainerUsage]]
    private let window: UsageWindow

    init(_ index: ClusterIndex, _ table: UsageTable, _ window: UsageWindow) {
        self.window = window
        var namespaces: [String: Set<String>] = [:]
        for pod in index.state.pods { namespaces[pod.name, default: []].insert(pod.namespace) }
        var usage: [ObjectKey: [ContainerUsage]] = [:]
        for (ref, measured) in table.containers.sorted(by: { $0.key < $1.key }) {
            var namespace = ref.namespace
            if namespace.isEmpty {
                guard let only = namespaces[ref.pod], only.count == 1, let name = only.first else { continue }
                namespace = name
            }
            usage[ObjectKey(namespace: namespace, name: ref.pod), default: []].append(measured)
        }
        self.usage = usage
    }

    /// - Returns: Nothing when the pods were not measured either; an obstacle when some were not.
    func measure(
        _ node: Node,
        _ size: NodeSize,
        _ index: ClusterIndex,
        _ policy: RightsizePolicy
    ) -> Result<NodeMeasure, NodeObstacle>? {
        let pods = index.pods(onNode: node.name).filter { !$0.isTerminal }.sorted { $0.key < $1.key }
        guard pods.contains(where: { usage[$0.key] != nil }) else { return nil }
        var cpu: [Int64: Double] = [:]
        var memory: [Int64: Double] = [:]
        for pod in pods {
            let measured = usage[pod.key] ?? []
            guard measured.contains(where: { !$0.cpu.isEmpty }), measured.contains(where: { !$0.memory.isEmpty }) else {
                return .failure(.init("no_data", "\(pod.key) on it was not measured"))
            }
            for container in measured {
                Self.add(container.cpu.points(from: window.start, through: window.end), peaks: false, to: &cpu)
                Self.add(container.memory.points(from: window.start, through: window.end), peaks: true, to: &memory)
            }
        }
        // What the kubelet and the system keep for themselves is in use as well.
        let reserved = Self.reserved(node, size)
        return NodeMeasure.series(
            cpu: Self.points(cpu, factor: 1000, plus: reserved.millicores),
            memory: Self.points(memory, factor: 1, plus: reserved.bytes),
            size: size,
            source: .sumOfPods,
            policy: policy
        )
    }

    private static func reserved(_ node: Node, _ size: NodeSize) -> (millicores: Double, bytes: Double) {
        guard let usable = node.allocatable else { return (0, 0) }
        return (max(0, size.millicores - Double(usable.cpu)), max(0, size.bytes - Double(usable.memory)))
    }

    private static func add(_ points: [UsagePoint], peaks: Bool, to sums: inout [Int64: Double]) {
        var statistics = SlotStatistics()
        for point in points { statistics.add(point.milliseconds, point.value) }
        statistics.finish()
        for (slot, value) in zip(statistics.slots, peaks ? statistics.peaks : statistics.averages) {
            sums[slot, default: 0] += value
        }
    }

    private static func points(_ sums: [Int64: Double], factor: Double, plus: Double) -> [UsagePoint] {
        sums.sorted { $0.key < $1.key }.map {
            UsagePoint(milliseconds: $0.key * UsageWindow.slotLength, value: $0.value * factor + plus)
        }
    }
}
