import Contract

/// The stretch of time that sizes rest on.
package struct UsageWindow: Sendable, Hashable {
    /// Two weekends never fit and one always does: the length the Vertical Pod Autoscaler uses.
    package static let days: Int64 = 8
    /// CPU is judged by averages of this many milliseconds.
    package static let slotLength: Int64 = 300_000
    static let slotsPerDay: Int64 = 288
    /// Clocks of a cluster differ by this much at most; a later stamp is a mistake.
    static let tolerance: Int64 = 300_000

    package let start: Int64
    package let end: Int64

    package init(end: Int64) {
        // Stamps beyond the year 10000 are nobody's measurement, and the subtraction must not overflow.
        let clamped = min(max(end, -Self.furthest), Self.furthest)
        self.end = clamped
        start = clamped - Self.days * 86_400_000
    }

    private static let furthest: Int64 = 253_402_300_800_000

    package static func slot(of milliseconds: Int64) -> Int64 {
        let quotient = milliseconds / slotLength
        return milliseconds % slotLength < 0 ? quotient - 1 : quotient
    }
}

/// Averages and peaks of five-minute slots, formed while points stream by in order of time.
package struct SlotStatistics: Sendable {
    /// One for each slot that holds a point, in order of time.
    package private(set) var averages: [Double] = []
    package private(set) var peaks: [Double] = []
    package private(set) var slots: [Int64] = []
    private var sum = 0.0
    private var count = 0.0
    private var peak = 0.0
    private var open: Int64?

    package init() {}

    package mutating func reserve(_ slots: Int) {
        averages.reserveCapacity(slots)
        peaks.reserveCapacity(slots)
        self.slots.reserveCapacity(slots)
    }

    /// Takes the next point; points must come in order of time.
    @inline(__always)
    package mutating func add(_ milliseconds: Int64, _ value: Double) {
        let slot = UsageWindow.slot(of: milliseconds)
        if slot != open {
            close()
            open = slot
        }
        sum += value
        count += 1
        if value > peak { peak = value }
    }

    /// Ends the last slot.
    package mutating func finish() {
        close()
        open = nil
    }

    private mutating func close() {
        guard let open, count > 0 else { return }
        // Never above the peak, which rounding of the sum could bring about.
        averages.append(min(sum / count, peak))
        peaks.append(peak)
        slots.append(open)
        sum = 0
        count = 0
        peak = 0
    }
}

/// How much of its stretch of time a set of series covers.
package struct UsageCoverage: Sendable, Hashable {
    /// From the first to the last slot with a point, in days.
    package let days: Double
    /// The share of slots with a point, 0 to 1, at the pace the points come in.
    package let share: Double
    package let slots: Int

    package static let none = UsageCoverage(slots: [])

    /// Slots may repeat and come in any order.
    package init(slots: [Int64]) {
        let sorted = Self.distinct(slots)
        self.slots = sorted.count
        guard let first = sorted.first, let last = sorted.last, first < last else {
            days = 0
            share = sorted.isEmpty ? 0 : 1
            return
        }
        var gaps: [Int64] = []
        gaps.reserveCapacity(sorted.count - 1)
        for index in 1..<sorted.count { gaps.append(sorted[index] - sorted[index - 1]) }
        // Hourly history has no holes: the usual gap is the pace.
        let pace = Percentile.median(gaps)
        let span = Double(last - first) + Double(pace)
        days = Double(last - first) / Double(UsageWindow.slotsPerDay)
        share = min(1, Double(sorted.count) * Double(pace) / span)
    }

    private static func distinct(_ slots: [Int64]) -> [Int64] {
        var sorted = slots
        var last = Int64.min
        let isAscending = slots.allSatisfy { slot in
            defer { last = slot }
            return slot > last
        }
        guard !isAscending else { return sorted }
        sorted.sort()
        var kept: [Int64] = []
        for slot in sorted where slot != kept.last { kept.append(slot) }
        return kept
    }
}
