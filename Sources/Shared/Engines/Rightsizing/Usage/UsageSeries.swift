/// One measurement: cores, bytes, or a ratio.
package struct UsagePoint: Sendable, Hashable {
    /// Milliseconds since 1970, or ``UsagePoint/atTheClock`` for a snapshot without a stamp of its own.
    package var milliseconds: Int64
    package var value: Double

    /// Stands for the clock, which reading does not know.
    package static let atTheClock = Int64.max

    package init(milliseconds: Int64, value: Double) {
        self.milliseconds = milliseconds
        self.value = value
    }
}

/// Measurements of one thing in order of time, one for each instant.
package struct UsageSeries: Sendable, Hashable {
    package private(set) var points: [UsagePoint]

    /// Orders the points and drops what is no measurement: negative or not finite.
    ///
    /// Of several at one instant the largest stays, whatever order they came in.
    package init(_ raw: [UsagePoint] = []) {
        points = Self.ordered(raw)
    }

    package var isEmpty: Bool { points.isEmpty }

    /// Adds the points of another reading of the same thing.
    package mutating func merge(_ other: UsageSeries) {
        guard !other.isEmpty else { return }
        points = isEmpty ? other.points : Self.ordered(points + other.points)
    }

    /// The points of a window; a snapshot without a stamp counts as taken at its end.
    package func points(from start: Int64, through end: Int64) -> [UsagePoint] {
        var found: [UsagePoint] = []
        found.reserveCapacity(points.count)
        for point in points {
            let at = point.milliseconds == UsagePoint.atTheClock ? end : point.milliseconds
            guard at >= start, at <= end else { continue }
            if found.last?.milliseconds == at {
                found[found.count - 1].value = max(found[found.count - 1].value, point.value)
            } else {
                found.append(UsagePoint(milliseconds: at, value: point.value))
            }
        }
        return found
    }

    private static func ordered(_ raw: [UsagePoint]) -> [UsagePoint] {
        var points = raw
        if !points.allSatisfy({ isMeasurement($0.value) }) { points.removeAll { !isMeasurement($0.value) } }
        // Monitoring delivers in order: looking is cheaper than sorting.
        if isAscending(points) { return points }
        points.sort { ($0.milliseconds, $0.value) < ($1.milliseconds, $1.value) }
        var kept = 0
        for index in points.indices {
            if kept > 0, points[kept - 1].milliseconds == points[index].milliseconds { kept -= 1 }
            points[kept] = points[index]
            kept += 1
        }
        points.removeLast(points.count - kept)
        return points
    }

    private static func isMeasurement(_ value: Double) -> Bool { value.isFinite && value >= 0 }

    private static func isAscending(_ points: [UsagePoint]) -> Bool {
        var last = Int64.min
        for point in points {
            guard point.milliseconds > last else { return false }
            last = point.milliseconds
        }
        return true
    }
}
