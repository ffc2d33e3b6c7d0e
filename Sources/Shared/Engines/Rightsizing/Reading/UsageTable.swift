package import Contract

/// A container of a pod, as monitoring names it; what monitoring did not say is empty.
package struct ContainerRef: Sendable, Hashable, Comparable {
    package var namespace: String
    package var pod: String
    package var container: String

    package init(namespace: String = "", pod: String, container: String = "") {
        self.namespace = namespace
        self.pod = pod
        self.container = container
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.pod, left.container) < (right.namespace, right.pod, right.container)
    }
}

/// What was measured of one container.
package struct ContainerUsage: Sendable, Hashable {
    /// Cores.
    package var cpu = UsageSeries()
    /// Bytes of working set.
    package var memory = UsageSeries()
    /// The share of scheduler periods in which the CPU limit held the container back, 0 to 1.
    package var throttled: Double?

    package init() {}

    mutating func merge(_ other: ContainerUsage) {
        cpu.merge(other.cpu)
        memory.merge(other.memory)
        throttled = larger(throttled, other.throttled)
    }
}

/// What was measured of one node.
package struct NodeUsage: Sendable, Hashable {
    /// Cores.
    package var cpu = UsageSeries()
    /// Bytes.
    package var memory = UsageSeries()
    /// Percent of the node, as series.
    package var cpuPercentSeries = UsageSeries()
    package var memoryPercentSeries = UsageSeries()
    /// Percent of the node, summed up by the caller.
    package var cpuPercent: Double?
    package var memoryPercent: Double?
    package var averageCPUPercent: Double?
    /// How many days the caller's sums cover; nothing when it did not say.
    package var days: Double?
    package var networkMbps: Double?
    package var ebsMbps: Double?
    package var localDiskGB: Double?

    package init() {}

    mutating func merge(_ other: NodeUsage) {
        cpu.merge(other.cpu)
        memory.merge(other.memory)
        cpuPercentSeries.merge(other.cpuPercentSeries)
        memoryPercentSeries.merge(other.memoryPercentSeries)
        cpuPercent = larger(cpuPercent, other.cpuPercent)
        memoryPercent = larger(memoryPercent, other.memoryPercent)
        averageCPUPercent = larger(averageCPUPercent, other.averageCPUPercent)
        // Of two statements the weaker one counts.
        days = days.map { min($0, other.days ?? $0) } ?? other.days
        networkMbps = larger(networkMbps, other.networkMbps)
        ebsMbps = larger(ebsMbps, other.ebsMbps)
        localDiskGB = larger(localDiskGB, other.localDiskGB)
    }

    var isEmpty: Bool { self == NodeUsage() }
}

/// The larger of two figures, of which either may be missing: repeated statements merge in any order.
private func larger(_ left: Double?, _ right: Double?) -> Double? {
    guard let left else { return right }
    return max(left, right ?? left)
}

/// Everything that was measured, by container and by node.
package struct UsageTable: Sendable, Hashable {
    package private(set) var containers: [ContainerRef: ContainerUsage] = [:]
    package private(set) var nodes: [String: NodeUsage] = [:]
    package internal(set) var problems: [ItemProblem] = []

    package init() {}

    package var isEmpty: Bool { containers.isEmpty && nodes.isEmpty }

    package mutating func add(_ usage: ContainerUsage, to container: ContainerRef) {
        containers[container, default: ContainerUsage()].merge(usage)
    }

    package mutating func add(_ usage: NodeUsage, to node: String) {
        guard !usage.isEmpty else { return }
        nodes[node, default: NodeUsage()].merge(usage)
    }

    /// The latest stamp not after the clock; nothing when no point has one of its own.
    func latest(upTo now: Int64) -> Int64? {
        var latest: Int64?
        func look(_ series: UsageSeries) {
            // From the end: only mistaken stamps stand after the clock.
            for point in series.points.reversed() where point.milliseconds <= now {
                latest = max(latest ?? point.milliseconds, point.milliseconds)
                return
            }
        }
        for usage in containers.values {
            look(usage.cpu)
            look(usage.memory)
        }
        for usage in nodes.values {
            look(usage.cpu)
            look(usage.memory)
            look(usage.cpuPercentSeries)
            look(usage.memoryPercentSeries)
        }
        return latest
    }
}
