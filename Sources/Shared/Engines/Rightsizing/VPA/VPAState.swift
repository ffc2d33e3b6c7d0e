/// What the Vertical Pod Autoscaler's recommender keeps of one container of one workload, over all its pods.
package struct VPAState: Sendable {
    /// The least weight of a CPU sample, in cores of request.
    private static let minimumWeight = 0.1

    private(set) var cpu = DecayingHistogram(.cpu)
    private(set) var memory = DecayingHistogram(.memory)
    private(set) var firstSample: Int64?
    private(set) var lastSample: Int64?
    private(set) var samples = 0

    package init() {}

    /// Adds one pod's CPU usage.
    ///
    /// - Parameters:
    ///   - points: Cores, in order of time.
    ///   - requestCores: Weighs the samples, so that history before a raised request counts less.
    package mutating func addCPU(_ points: some Sequence<UsagePoint>, requestCores: Double) {
        let weight = max(requestCores, Self.minimumWeight)
        var last = Int64.min
        for point in points where point.milliseconds > last {
            addCPU(at: point.milliseconds, cores: point.value, weight: weight)
            last = point.milliseconds
        }
    }

    @inline(__always)
    package mutating func addCPU(at milliseconds: Int64, cores: Double, weight: Double) {
        // The recommender counts whole millicores.
        cpu.add(Double(VPAAmount.millicores(cores)) / 1000, weight: weight, at: milliseconds)
        if lastSample.map({ milliseconds > $0 }) ?? true { lastSample = milliseconds }
        if firstSample.map({ milliseconds < $0 }) ?? true { firstSample = milliseconds }
        samples += 1
    }

    /// Adds one pod's memory usage: one peak for each day, the days counted from the pod's first sample.
    ///
    /// - Parameters:
    ///   - points: Bytes, in order of time.
    ///   - kills: When the container was killed for memory, in order of time.
    ///   - requestBytes: What it had asked for.
    package mutating func addMemory(_ points: [UsagePoint], kills: [Int64] = [], requestBytes: Int64 = 0) {
        var day = VPAMemoryDay()
        var next = 0
        for point in points {
            while next < kills.count, kills[next] < point.milliseconds {
                day.addKill(at: kills[next], requestBytes: requestBytes, to: &memory)
                next += 1
            }
            day.add(at: point.milliseconds, bytes: VPAAmount.bytes(point.value), to: &memory)
        }
        for kill in kills[next...] { day.addKill(at: kill, requestBytes: requestBytes, to: &memory) }
    }

    /// How much history stands behind the figures: days at one sample a minute.
    package var confidence: Double {
        guard let firstSample, let lastSample else { return 0 }
        return min(Double(lastSample - firstSample) / 86_400_000, Double(samples) / 1440)
    }
}

/// The daily peak of one pod, replaced in the histogram whenever the day brings a higher one.
private struct VPAMemoryDay {
    private static let length: Int64 = 86_400_000

    private var windowEnd: Int64?
    private var lastStart = Int64.min
    private var usagePeak: Int64 = 0
    private var killPeak: Int64 = 0

    mutating func add(at milliseconds: Int64, bytes: Int64, isKill: Bool = false, to memory: inout DecayingHistogram) {
        guard bytes >= 0, isKill || milliseconds >= lastStart else { return }
        lastStart = milliseconds
        let end = windowEnd ?? milliseconds
        if milliseconds < end {
            let old = max(usagePeak, killPeak)
            // As the recommender does: a peak of 0 passes for one that was never set, and stays for the day.
            guard old != 0, bytes > old else { return }
            memory.subtract(Double(old), weight: 1, at: end)
            memory.add(Double(bytes), weight: 1, at: end)
        } else {
            let moved = end + (milliseconds - end) / Self.length * Self.length + Self.length
            windowEnd = moved
            usagePeak = 0
            killPeak = 0
            memory.add(Double(bytes), weight: 1, at: moved)
        }
        if isKill { killPeak = bytes } else { usagePeak = bytes }
    }

    /// A kill counts as a sample of what the container would have needed.
    mutating func addKill(at milliseconds: Int64, requestBytes: Int64, to memory: inout DecayingHistogram) {
        if let windowEnd, milliseconds < windowEnd - Self.length { return }
        let used = max(requestBytes, usagePeak)
        let needed = max(used + 100 << 20, VPAAmount.scaled(used, 1.2))
        add(at: milliseconds, bytes: needed, isKill: true, to: &memory)
    }
}
