import Contract

/// What a window of measurements says about one container, over all its pods.
package struct ContainerEvidence: Sendable {
    /// Cores; the percentiles are of five-minute averages, each the largest over the pods.
    package private(set) var cpuMedian: Double?
    package private(set) var cpu95: Double?
    package private(set) var cpu99: Double?
    package private(set) var cpuPeak: Double?
    /// Bytes; percentiles of five-minute peaks.
    package private(set) var memoryMedian: Double?
    package private(set) var memory95: Double?
    package private(set) var memoryPeak: Double?
    package private(set) var throttled: Double?
    package private(set) var cpuPoints = 0
    package private(set) var memoryPoints = 0
    /// Of the resource that is covered worse.
    package private(set) var coverage = UsageCoverage.none
    package private(set) var vpa: VPAState?

    private var cpuSlots: [Int64] = []
    private var memorySlots: [Int64] = []

    /// - Parameter keepsVPA: Also fill the recommender's histograms.
    package init(keepsVPA: Bool = false) { vpa = keepsVPA ? VPAState() : nil }

    package init(_ unit: ContainerUnit, window: UsageWindow, keepsVPA: Bool) {
        self.init(keepsVPA: keepsVPA)
        let request = unit.container.map(ContainerResources.init)
        let kills = unit.memoryKills.compactMap { $0.at?.milliseconds }.filter { $0 <= window.end }.sorted()
        for (position, usage) in unit.usage.enumerated() {
            addPod(
                cpu: usage.cpu.points(from: window.start, through: window.end),
                memory: usage.memory.points(from: window.start, through: window.end),
                request: request ?? ContainerResources(),
                kills: position == 0 ? kills : []
            )
            if let share = usage.throttled { throttled = max(throttled ?? 0, share) }
        }
        finish()
    }

    /// Takes one pod's points, in order of time.
    package mutating func addPod(
        cpu: [UsagePoint],
        memory: [UsagePoint],
        request: ContainerResources = .init(),
        kills: [Int64] = []
    ) {
        if !cpu.isEmpty {
            let statistics = Self.statistics(cpu)
            cpuPoints += cpu.count
            cpuSlots += statistics.slots
            cpu95 = Self.larger(cpu95, Percentile.of(statistics.averages, 0.95))
            cpu99 = Self.larger(cpu99, Percentile.of(statistics.averages, 0.99))
            cpuMedian = Self.larger(cpuMedian, Percentile.of(statistics.averages, 0.5))
            cpuPeak = Self.larger(cpuPeak, statistics.averages.max())
        }
        if !memory.isEmpty {
            let statistics = Self.statistics(memory)
            memoryPoints += memory.count
            memorySlots += statistics.slots
            memory95 = Self.larger(memory95, Percentile.of(statistics.peaks, 0.95))
            memoryMedian = Self.larger(memoryMedian, Percentile.of(statistics.peaks, 0.5))
            memoryPeak = Self.larger(memoryPeak, statistics.peaks.max())
        }
        vpa?.addCPU(cpu, requestCores: Double(request.effectiveCPURequest ?? 0) / 1000)
        vpa?.addMemory(memory, kills: kills, requestBytes: request.effectiveMemoryRequest ?? 0)
    }

    /// Ends the last pod.
    package mutating func finish() {
        let cpu = UsageCoverage(slots: cpuSlots)
        let memory = UsageCoverage(slots: memorySlots)
        if cpuPoints == 0 || memoryPoints == 0 {
            coverage = cpuPoints == 0 ? memory : cpu
        } else {
            coverage = cpu.days * cpu.share <= memory.days * memory.share ? cpu : memory
        }
        cpuSlots = []
        memorySlots = []
    }

    private static func statistics(_ points: [UsagePoint]) -> SlotStatistics {
        var statistics = SlotStatistics()
        statistics.reserve(min(points.count, 2400))
        for point in points { statistics.add(point.milliseconds, point.value) }
        statistics.finish()
        return statistics
    }

    private static func larger(_ left: Double?, _ right: Double?) -> Double? {
        guard let left else { return right }
        return max(left, right ?? left)
    }
}
