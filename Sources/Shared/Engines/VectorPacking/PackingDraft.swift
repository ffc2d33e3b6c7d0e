/// A packing in the making: groups of equal bins over the classes of an instance.
struct PackingDraft: Sendable {
    struct Group: Sendable {
        var bin: Int
        /// Each item at most once.
        var contents: [Packing.Content]
        /// Capacity left in each bin of the group.
        var room: [Int64]
        var multiplicity: Int64
    }

    var groups: [Group] = []
    /// Items without a place, by item class of the instance.
    var unplaced: [Int64]

    init(unplaced: [Int64]) { self.unplaced = unplaced }

    var unplacedCount: Int64 { unplaced.reduce(0) { $0.saturatingAdd($1) } }

    func cost(_ instance: PackingInstance) -> Int64 {
        groups.reduce(0) { $0.saturatingAdd(instance.costs[$1.bin].saturatingMultiply($1.multiplicity)) }
    }

    /// Fewer items left outside, then cheaper, then fewer bins.
    func isBetter(than other: PackingDraft, in instance: PackingInstance) -> Bool {
        (unplacedCount, cost(instance), binCount) < (other.unplacedCount, other.cost(instance), other.binCount)
    }

    var binCount: Int64 { groups.reduce(0) { $0.saturatingAdd($1.multiplicity) } }

    /// Bins of each class still to be had.
    func left(_ instance: PackingInstance) -> [Int64] {
        var left = instance.available
        for group in groups where left[group.bin] != .max { left[group.bin] -= group.multiplicity }
        return left
    }
}
