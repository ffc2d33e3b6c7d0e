/// From the problem as given to the form the search works on.
extension PackingInstance {
    init(_ problem: PackingProblem) {
        var draft = InstanceDraft(problem)
        draft.mergeItems()
        draft.mergeBins()
        self = draft.instance()
    }
}

/// The steps of that way: eligible pairs, colours, merged classes.
private struct InstanceDraft {
    let axes: Int
    var items: [(source: [Packing.Content], size: [Int64], bins: ClassSet, colour: UInt64)] = []
    var bins: [(source: [Packing.Content], bin: PackingProblem.BinClass, items: ClassSet, colour: UInt64)] = []
    var hopeless: [Packing.Content] = []

    init(_ problem: PackingProblem) {
        axes = problem.dimensions
        for (index, bin) in problem.bins.enumerated() where (bin.available ?? 1) > 0 {
            var bin = bin
            bin.capacity = Self.padded(bin.capacity, axes).map { max(0, $0) }
            bin.cost = max(0, bin.cost)
            bins.append(([.init(item: index, count: bin.available ?? .max)], bin, ClassSet(), 0))
        }
        let isHuge = bins.contains { $0.bin.capacity.contains { $0 > Self.hugeCapacity } }
        let given = isHuge ? 0 : Self.mostGiven
        for (index, item) in problem.items.enumerated() where item.count > 0 {
            let size = Self.padded(item.size, axes)
            var fitting = ClassSet(capacity: bins.count)
            for (place, bin) in bins.enumerated() where Self.fits(size, index, bin.bin) { fitting.insert(place) }
            if size.contains(where: { $0 < -given / item.count }) { fitting = ClassSet() }
            let count = fitting.isEmpty ? 0 : min(item.count, Self.mostOfAClass)
            if count < item.count { hopeless.append(.init(item: index, count: item.count - count)) }
            if count > 0 { items.append(([.init(item: index, count: count)], size, fitting, 0)) }
        }
    }

    /// Items of one class of the problem that are packed at most (10^12), so that sums stay within Int64.
    private static let mostOfAClass = Int64(1) << 40

    /// Items of a class that give more room than that together, or any room to bins as huge as these, go nowhere: room
    /// and what is added to it stay within Int64.
    private static let mostGiven = Int64(1) << 44
    private static let hugeCapacity = Int64(1) << 61

    private static func padded(_ vector: [Int64], _ axes: Int) -> [Int64] {
        (0..<axes).map { $0 < vector.count ? vector[$0] : 0 }
    }

    private static func fits(_ size: [Int64], _ index: Int, _ bin: PackingProblem.BinClass) -> Bool {
        if let compatible = bin.compatible, !compatible.contains(index) { return false }
        for axis in size.indices where size[axis] > bin.capacity[axis] { return false }
        return true
    }

    // MARK: Merging

    /// Items of one size that fit the same bins become one class.
    mutating func mergeItems() {
        items.sort { ($0.source[0].item) < ($1.source[0].item) }
        var places: [ItemKey: Int] = [:]
        var merged: [(source: [Packing.Content], size: [Int64], bins: ClassSet, colour: UInt64)] = []
        for item in items {
            let key = ItemKey(size: item.size, bins: item.bins)
            if let place = places[key] {
                merged[place].source += item.source
            } else {
                places[key] = merged.count
                merged.append(item)
            }
        }
        items = merged
    }

    private struct ItemKey: Hashable {
        var size: [Int64]
        var bins: ClassSet
    }

    private struct BinKey: Hashable {
        var capacity: [Int64]
        var cost: Int64
        var isLimited: Bool
        var items: ClassSet
    }

    /// Bins of one capacity and cost that hold the same items become one class; bins that hold nothing go.
    mutating func mergeBins() {
        var held = Array(repeating: ClassSet(capacity: items.count), count: bins.count)
        for (index, item) in items.enumerated() {
            for bin in bins.indices where item.bins.contains(bin) { held[bin].insert(index) }
        }
        var places: [BinKey: Int] = [:]
        var merged: [(source: [Packing.Content], bin: PackingProblem.BinClass, items: ClassSet, colour: UInt64)] = []
        for (index, bin) in bins.enumerated() where !held[index].isEmpty {
            let isLimited = bin.bin.available != nil
            let key = BinKey(
                capacity: bin.bin.capacity,
                cost: bin.bin.cost,
                isLimited: isLimited,
                items: held[index]
            )
            if let place = places[key] {
                if isLimited { merged[place].source += bin.source }
            } else {
                places[key] = merged.count
                merged.append((bin.source, bin.bin, held[index], 0))
            }
        }
        bins = merged
    }

    // MARK: An order of its own

    /// Colours from sizes and numbers alone, then from who may go where: classes with the same colour are alike.
    private mutating func colour() {
        for index in items.indices {
            let count = items[index].source.reduce(Int64(0)) { $0.saturatingAdd($1.count) }
            items[index].colour = Self.mixed(items[index].size + [count])
        }
        for index in bins.indices {
            let available = bins[index].source.reduce(Int64(0)) { $0.saturatingAdd($1.count) }
            bins[index].colour = Self.mixed(bins[index].bin.capacity + [bins[index].bin.cost, available])
        }
        guard bins.count > 1 else { return }
        for _ in 0..<2 {
            var itemSums = Array(repeating: UInt64(0), count: items.count)
            var binSums = Array(repeating: UInt64(0), count: bins.count)
            for bin in bins.indices {
                for item in items.indices where bins[bin].items.contains(item) {
                    itemSums[item] &+= Self.mixed(bins[bin].colour)
                    binSums[bin] &+= Self.mixed(items[item].colour)
                }
            }
            for item in items.indices { items[item].colour = Self.mixed(items[item].colour ^ itemSums[item]) }
            for bin in bins.indices { bins[bin].colour = Self.mixed(bins[bin].colour ^ binSums[bin]) }
        }
    }

    private static func mixed(_ values: [Int64]) -> UInt64 {
        values.reduce(UInt64(values.count)) { mixed($0 &* 31 &+ UInt64(bitPattern: $1)) }
    }

    /// The finaliser of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Larger first; classes that are alike stay in the order given, which no answer depends on but for its indices.
    private static func precedes(_ left: [Int64], _ right: [Int64]) -> Bool? {
        for (one, other) in zip(left, right) where one != other { return one > other }
        return nil
    }

    // MARK: The result

    mutating func instance() -> PackingInstance {
        colour()
        let itemOrder = items.indices.sorted { left, right in
            if let answer = Self.precedes(items[left].size, items[right].size) { return answer }
            return (items[left].colour, left) < (items[right].colour, right)
        }
        let binOrder = bins.indices.sorted { left, right in
            if let answer = Self.precedes(bins[left].bin.capacity, bins[right].bin.capacity) { return answer }
            return (bins[left].bin.cost, bins[left].colour, left) < (bins[right].bin.cost, bins[right].colour, right)
        }
        var result = PackingInstance(axes: axes)
        result.hopeless = hopeless
        for item in itemOrder {
            result.itemSources.append(items[item].source)
            result.counts.append(items[item].source.reduce(0) { $0.saturatingAdd($1.count) })
        }
        for bin in binOrder {
            result.binSources.append(bins[bin].source)
            result.costs.append(bins[bin].bin.cost)
            result.available.append(bins[bin].source.reduce(0) { $0.saturatingAdd($1.count) })
            var set = ClassSet(capacity: items.count)
            for (place, item) in itemOrder.enumerated() where bins[bin].items.contains(item) { set.insert(place) }
            result.eligible.append(set)
        }
        fill(&result, itemOrder, binOrder)
        return result
    }

    /// Axes that some item uses, each divided by what its sizes have in common.
    private func fill(_ result: inout PackingInstance, _ itemOrder: [Int], _ binOrder: [Int]) {
        let divisors = (0..<axes).map { axis in items.reduce(Int64(0)) { Self.divisor($0, $1.size[axis]) } }
        let kept = (0..<axes).filter { divisors[$0] > 0 }
        result.axes = max(1, kept.count)
        for item in itemOrder {
            if kept.isEmpty { result.sizes.append(0) }
            for axis in kept { result.sizes.append(items[item].size[axis] / divisors[axis]) }
        }
        for bin in binOrder {
            if kept.isEmpty { result.capacities.append(0) }
            for axis in kept { result.capacities.append(bins[bin].bin.capacity[axis] / divisors[axis]) }
        }
        trim(&result)
    }

    /// No more capacity than all items together need: what is beyond cannot matter.
    private func trim(_ result: inout PackingInstance) {
        for axis in 0..<result.axes {
            var need = Int64(0)
            for item in result.counts.indices {
                let size = max(0, result.sizes[item * result.axes + axis])
                need = need.saturatingAdd(size.saturatingMultiply(result.counts[item]))
            }
            for bin in result.costs.indices {
                result.capacities[bin * result.axes + axis] = min(result.capacities[bin * result.axes + axis], need)
            }
        }
    }

    private static func divisor(_ left: Int64, _ right: Int64) -> Int64 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return abs(left)
    }
}
