/// From classes of the instance back to those of the problem.
extension PackingDraft {
    /// Deterministic: sources are used up in their own order, patterns in the order of their groups.
    func packing(_ instance: PackingInstance) -> Packing {
        var items = instance.itemSources.map { SourceQueue($0) }
        var bins = instance.binSources.map { SourceQueue($0) }
        var patterns: [Packing.Pattern: Int64] = [:]
        for group in groups where group.multiplicity > 0 {
            var left = group.multiplicity
            // Each round uses up a class of the problem or ends the group.
            while left > 0 {
                let (pattern, times) = Self.next(group, left, &items, &bins)
                patterns[pattern, default: 0] += times
                left -= times
            }
        }
        var outside = instance.hopeless
        for item in instance.counts.indices where unplaced[item] > 0 {
            outside += items[item].take(unplaced[item]).map { Packing.Content(item: $0.item, count: $0.count) }
        }
        return Packing(
            patterns: patterns.map { .init(bin: $0.bin, contents: $0.contents, multiplicity: $1) }
                .sorted(by: Self.precedes),
            unplaced: outside.sorted { $0.item < $1.item }
        )
    }

    /// One pattern in the problem's classes and how often it can be repeated before a source runs out.
    private static func next(
        _ group: Group,
        _ left: Int64,
        _ items: inout [SourceQueue],
        _ bins: inout [SourceQueue]
    ) -> (Packing.Pattern, Int64) {
        var times = min(left, bins[group.bin].head)
        for content in group.contents { times = min(times, max(1, items[content.item].head / content.count)) }
        var contents: [Packing.Content] = []
        if times > 1 || group.contents.allSatisfy({ items[$0.item].head >= $0.count }) {
            for content in group.contents {
                let taken = items[content.item].take(content.count.saturatingMultiply(times))
                contents += taken.map { .init(item: $0.item, count: $0.count / times) }
            }
        } else {
            times = 1
            for content in group.contents { contents += items[content.item].take(content.count) }
        }
        contents.sort { $0.item < $1.item }
        let bin = bins[group.bin].take(times)[0].item
        return (Packing.Pattern(bin: bin, contents: contents, multiplicity: 0), times)
    }

    private static func precedes(_ left: Packing.Pattern, _ right: Packing.Pattern) -> Bool {
        if left.bin != right.bin { return left.bin < right.bin }
        for (one, other) in zip(left.contents, right.contents) where one != other {
            return (one.item, -one.count) < (other.item, -other.count)
        }
        return left.contents.count < right.contents.count
    }
}

/// Classes of the problem behind one class of the instance, used up from the front.
private struct SourceQueue {
    private var sources: [Packing.Content]
    private var place = 0

    init(_ sources: [Packing.Content]) { self.sources = sources }

    /// How many are left of the first class.
    var head: Int64 { place < sources.count ? sources[place].count : 0 }

    mutating func take(_ count: Int64) -> [Packing.Content] {
        var left = count
        var taken: [Packing.Content] = []
        while left > 0, place < sources.count {
            let part = min(left, sources[place].count)
            taken.append(.init(item: sources[place].item, count: part))
            // Bins of which there is any number never run out; items never come in such a number.
            if sources[place].count != .max { sources[place].count -= part }
            left -= part
            if sources[place].count == 0 { place += 1 }
        }
        return taken
    }
}
