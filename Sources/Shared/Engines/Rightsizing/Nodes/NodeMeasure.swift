import Contract

/// How much of a node is in use.
package struct NodeMeasure: Sendable, Hashable {
    package enum Source: String, Sendable, Hashable {
        case series, percentages
        case sumOfPods = "sum_of_pods"
    }

    package var source: Source
    /// The 95th percentile of five-minute averages (memory: peaks) in percent of the machine, or what the caller said.
    package var cpuPercent: Double
    package var memoryPercent: Double
    /// The most that was in use at any time, in millicores and bytes.
    package var peakMillicores: Double
    package var peakBytes: Double
    package var averageMillicores: Double?
    package var coverage: UsageCoverage?
    /// How many days the caller's percentages cover, when it said.
    package var days: Double?
    package var points: Int

    /// 0.80 × min(1, days / 7) × coverage.
    func confidence(_ policy: RightsizePolicy) -> Double {
        if let coverage {
            return policy.confidence * min(1, coverage.days / policy.fullDays) * coverage.share
        }
        return policy.confidence * (days.map { min(1, $0 / policy.fullDays) } ?? policy.unstatedWindow)
    }
}

/// The size of a node as it is now.
package struct NodeSize: Sendable, Hashable {
    /// vCPUs and GB of the machine, as the caller or the catalogue states them.
    package var cpu: Double
    package var memoryGB: Double

    package var millicores: Double { cpu * 1000 }
    package var bytes: Double { memoryGB * 1_073_741_824 }

    /// - Returns: Nothing when neither the state nor the catalogue tells.
    init?(_ node: Node, _ spec: InstanceSpec?) {
        let stated = (cpu: Double(node.capacity.cpu) / 1000, memory: Double(node.capacity.memory) / 1_073_741_824)
        // A caller's own figures come first; the kernel's, of which firmware has taken its part, come last.
        let isStated = !node.flat.isEmpty
        cpu = isStated && stated.cpu > 0 ? stated.cpu : spec.map { Double($0.vcpus) } ?? stated.cpu
        memoryGB =
            isStated && stated.memory > 0 ? stated.memory : spec.map { Double($0.memoryMiB) / 1024 } ?? stated.memory
        guard cpu > 0, memoryGB > 0, cpu < 1e6, memoryGB < 1e9 else { return nil }
    }
}

extension NodeMeasure {
    /// What the measurements say about a node; percentages need both resources.
    ///
    /// - Returns: Nothing when there are none, a reason when there are too few.
    static func of(
        _ usage: NodeUsage,
        size: NodeSize,
        window: UsageWindow,
        policy: RightsizePolicy
    ) -> Result<NodeMeasure, NodeObstacle>? {
        if let cpu = usage.cpuPercent, let memory = usage.memoryPercent {
            guard cpu <= 1000, memory <= 1000 else { return .failure(.init("usage_out_of_range")) }
            return .success(percentages(usage, cpu, memory, size))
        }
        let cpu = combined(usage.cpu, usage.cpuPercentSeries, scale: size.millicores / 100, unit: 1000, window)
        let memory = combined(usage.memory, usage.memoryPercentSeries, scale: size.bytes / 100, unit: 1, window)
        if cpu.isEmpty && memory.isEmpty { return nil }
        guard !cpu.isEmpty, !memory.isEmpty else {
            return .failure(.init(cpu.isEmpty ? "no_cpu_data" : "no_memory_data"))
        }
        return series(cpu: cpu, memory: memory, size: size, source: .series, policy: policy)
    }

    private static func percentages(_ usage: NodeUsage, _ cpu: Double, _ memory: Double, _ size: NodeSize)
        -> NodeMeasure
    {
        NodeMeasure(
            source: .percentages,
            cpuPercent: cpu,
            memoryPercent: memory,
            peakMillicores: size.millicores * cpu / 100,
            peakBytes: size.bytes * memory / 100,
            // A percentile stands in for the average: never too low.
            averageMillicores: size.millicores * (usage.averageCPUPercent ?? cpu) / 100,
            coverage: nil,
            days: usage.days,
            points: 1
        )
    }

    private static func combined(
        _ own: UsageSeries,
        _ percent: UsageSeries,
        scale: Double,
        unit: Double,
        _ window: UsageWindow
    ) -> [UsagePoint] {
        let absolute = own.points(from: window.start, through: window.end)
        if !absolute.isEmpty { return absolute.map { .init(milliseconds: $0.milliseconds, value: $0.value * unit) } }
        return percent.points(from: window.start, through: window.end)
            .map { .init(milliseconds: $0.milliseconds, value: $0.value * scale) }
    }

    /// Judges millicores and bytes, both in order of time.
    static func series(
        cpu: [UsagePoint],
        memory: [UsagePoint],
        size: NodeSize,
        source: Source,
        policy: RightsizePolicy
    ) -> Result<NodeMeasure, NodeObstacle> {
        let cpuStatistics = statistics(cpu)
        let memoryStatistics = statistics(memory)
        let cpuCoverage = UsageCoverage(slots: cpuStatistics.slots)
        let memoryCoverage = UsageCoverage(slots: memoryStatistics.slots)
        let points = min(cpu.count, memory.count)
        let coverage =
            cpuCoverage.days * cpuCoverage.share <= memoryCoverage.days * memoryCoverage.share
            ? cpuCoverage : memoryCoverage
        guard points >= policy.leastPoints, coverage.days * 24 >= policy.leastHours,
            let cpu95 = Percentile.of(cpuStatistics.averages, 0.95),
            let memory95 = Percentile.of(memoryStatistics.peaks, 0.95)
        else { return .failure(.insufficient(points: points, days: coverage.days)) }
        let average = cpuStatistics.averages.reduce(0, +) / Double(cpuStatistics.averages.count)
        return .success(
            NodeMeasure(
                source: source,
                cpuPercent: cpu95 / size.millicores * 100,
                memoryPercent: memory95 / size.bytes * 100,
                peakMillicores: cpuStatistics.averages.max() ?? cpu95,
                peakBytes: memoryStatistics.peaks.max() ?? memory95,
                averageMillicores: average,
                coverage: coverage,
                days: nil,
                points: points
            )
        )
    }

    private static func statistics(_ points: [UsagePoint]) -> SlotStatistics {
        var statistics = SlotStatistics()
        for point in points { statistics.add(point.milliseconds, point.value) }
        statistics.finish()
        return statistics
    }
}

/// Why a node or container gets no recommendation.
package struct NodeObstacle: Error, Sendable, Hashable {
    package var reason: String
    package var detail: String?

    package init(_ reason: String, _ detail: String? = nil) {
        self.reason = reason
        self.detail = detail
    }

    static func insufficient(points: Int, days: Double) -> NodeObstacle {
        let hours = JSONValue.rounded(days * 24, 1).number ?? 0
        return .init("insufficient_data", "\(points) points over \(hours) hours: 100 points and 3 hours are needed")
    }
}
