/// Stretches of time, each from its first second to the first second after it; in order, apart, none empty.
struct TimeSpans: Sendable, Equatable {
    private(set) var ranges: [Range<Int64>]

    /// Sorts, joins what touches or overlaps, and drops what is empty.
    init(_ ranges: [Range<Int64>] = []) {
        var joined: [Range<Int64>] = []
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) })
        where !range.isEmpty {
            if let last = joined.last, range.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        self.ranges = joined
    }

    /// Seconds in all.
    var seconds: Int64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    func contains(_ second: Int64) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= second { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(second)
    }

    func clipped(to window: Range<Int64>) -> TimeSpans {
        TimeSpans(ranges.map { $0.clamped(to: window) })
    }

    func union(_ other: TimeSpans) -> TimeSpans { TimeSpans(ranges + other.ranges) }

    /// What is here and not there.
    func subtracting(_ other: TimeSpans) -> TimeSpans {
        guard !other.ranges.isEmpty else { return self }
        var rest: [Range<Int64>] = []
        var index = 0
        for range in ranges {
            var start = range.lowerBound
            while index < other.ranges.count, other.ranges[index].upperBound <= start { index += 1 }
            var cursor = index
            while cursor < other.ranges.count, other.ranges[cursor].lowerBound < range.upperBound {
                let hole = other.ranges[cursor]
                if hole.lowerBound > start { rest.append(start..<hole.lowerBound) }
                start = max(start, hole.upperBound)
                cursor += 1
            }
            if start < range.upperBound { rest.append(start..<range.upperBound) }
        }
        return TimeSpans(rest)
    }

    /// The same with every stretch begun earlier, and with pauses shorter than `pause` filled.
    func extended(lead: Int64, fillingPausesBelow pause: Int64) -> TimeSpans {
        var filled: [Range<Int64>] = []
        for range in ranges {
            let begun = range.lowerBound - lead..<range.upperBound
            if let last = filled.last, begun.lowerBound - last.upperBound < pause {
                filled[filled.count - 1] = min(last.lowerBound, begun.lowerBound)..<begun.upperBound
            } else {
                filled.append(begun)
            }
        }
        return TimeSpans(filled)
    }
}
