/// First fit and best fit over classes: whole groups of equal bins are filled at once, so that a class of a billion
/// items costs no more than one of ten.
struct ItemCentricPacking {
    enum Choice: Sendable, CaseIterable {
        /// The oldest bin with room.
        case first
        /// The bin that is left with the least room.
        case best
    }

    let instance: PackingInstance
    let meter: StepMeter
    private var draft: PackingDraft
    private var left: [Int64]

    init(_ instance: PackingInstance, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        draft = PackingDraft(unplaced: instance.counts.map { _ in 0 })
        left = instance.available
    }

    static func pack(
        _ instance: PackingInstance,
        order: [Int],
        choice: Choice,
        meter: StepMeter
    ) -> PackingDraft {
        var packing = ItemCentricPacking(instance, meter: meter)
        for item in order { packing.place(item, choice) }
        return packing.draft
    }

    private mutating func place(_ item: Int, _ choice: Choice) {
        var count = instance.counts[item]
        guard count > 0 else { return }
        for group in candidates(item, choice) where count > 0 { count -= fill(group, item, count) }
        while count > 0, let bin = cheapestBin(item, count) { count -= open(bin, item, count) }
        draft.unplaced[item] = count
    }

    private func candidates(_ item: Int, _ choice: Choice) -> [Int] {
        meter.spend(draft.groups.count * instance.axes)
        let fitting = draft.groups.indices.filter {
            instance.eligible[draft.groups[$0].bin].contains(item)
                && instance.fitting(item, draft.groups[$0].room, atMost: 1) > 0
        }
        guard choice == .best else { return fitting }
        let rooms = fitting.map { ($0, share(draft.groups[$0])) }
        return rooms.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
    }

    /// Room left, as a share of the capacity, over all axes.
    private func share(_ group: PackingDraft.Group) -> Double {
        var sum = 0.0
        for (room, capacity) in zip(group.room, instance.capacity(group.bin)) {
            sum += Double(room) / Double(max(1, capacity))
        }
        return sum
    }

    /// Puts as many as fit into each bin of the group, or into as many of its bins as the items last for.
    private mutating func fill(_ index: Int, _ item: Int, _ count: Int64) -> Int64 {
        let group = draft.groups[index]
        let each = instance.fitting(item, group.room, atMost: count)
        let bins = min(group.multiplicity, count / each)
        let rest = bins < group.multiplicity ? min(each, count - each * bins) : 0
        var parts: [PackingDraft.Group] = []
        if bins > 0 { parts.append(with(item, each, group, bins)) }
        if rest > 0 { parts.append(with(item, rest, group, 1)) }
        let kept = group.multiplicity - bins - (rest > 0 ? 1 : 0)
        // The first part takes the group's place, so that the order of candidates stays valid.
        draft.groups[index] = parts[0]
        draft.groups += parts.dropFirst()
        if kept > 0 {
            var same = group
            same.multiplicity = kept
            draft.groups.append(same)
        }
        return each * bins + rest
    }

    private func with(
        _ item: Int,
        _ count: Int64,
        _ group: PackingDraft.Group,
        _ multiplicity: Int64
    ) -> PackingDraft.Group {
        var group = group
        for (axis, size) in instance.size(item).enumerated() { group.room[axis] -= size * count }
        group.contents.append(.init(item: item, count: count))
        group.multiplicity = multiplicity
        return group
    }

    /// The class that holds the items at the least cost for each; of equal ones the first.
    private func cheapestBin(_ item: Int, _ count: Int64) -> Int? {
        meter.spend(instance.bins * instance.axes)
        var best: (bin: Int, price: Double)?
        for bin in 0..<instance.bins where left[bin] > 0 && instance.eligible[bin].contains(item) {
            let each = instance.fitting(item, Array(instance.capacity(bin)), atMost: count)
            let price = Double(instance.costs[bin]) / Double(each)
            if best.map({ price < $0.price }) ?? true { best = (bin, price) }
        }
        return best?.bin
    }

    private mutating func open(_ bin: Int, _ item: Int, _ count: Int64) -> Int64 {
        let room = Array(instance.capacity(bin))
        let empty = PackingDraft.Group(bin: bin, contents: [], room: room, multiplicity: 1)
        let each = instance.fitting(item, room, atMost: count)
        let bins = min(left[bin], max(1, count / each))
        draft.groups.append(with(item, each, empty, bins))
        if left[bin] != .max { left[bin] -= bins }
        return each * bins
    }
}
