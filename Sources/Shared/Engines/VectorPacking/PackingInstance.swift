/// A packing problem in the form the search works on: equal classes merged, in an order that does not depend on the
/// order they were given in, hopeless classes left out, sizes divided by what they have in common.
///
/// Numbers lie flat: the size of item `i` in axis `k` is `sizes[i * axes + k]`.
struct PackingInstance: Sendable {
    /// At least 1.
    var axes: Int
    var sizes: [Int64] = []
    var counts: [Int64] = []
    var capacities: [Int64] = []
    var costs: [Int64] = []
    /// Int64.max where any number may be used.
    var available: [Int64] = []
    /// Which items fit into one empty bin of the class.
    var eligible: [ClassSet] = []
    /// The classes of the problem that were merged, with their counts.
    var itemSources: [[Packing.Content]] = []
    var binSources: [[Packing.Content]] = []
    /// Items that fit nowhere, as classes of the problem.
    var hopeless: [Packing.Content] = []

    var items: Int { counts.count }
    var bins: Int { costs.count }
    /// Number of items, at most Int64.max.
    var total: Int64 { counts.reduce(0) { $0.saturatingAdd($1) } }

    func size(_ item: Int) -> ArraySlice<Int64> { sizes[(item * axes)..<((item + 1) * axes)] }
    func capacity(_ bin: Int) -> ArraySlice<Int64> { capacities[(bin * axes)..<((bin + 1) * axes)] }

    /// How many of the item fit into that room, at most so many.
    func fitting(_ item: Int, _ room: [Int64], atMost most: Int64) -> Int64 {
        var count = most
        let start = item * axes
        for axis in 0..<axes where sizes[start + axis] > 0 {
            count = min(count, room[axis] / sizes[start + axis])
            if count == 0 { return 0 }
        }
        return count
    }

    /// The same bins with other counts of the same items.
    func with(counts: [Int64], available: [Int64]) -> PackingInstance {
        var copy = self
        copy.counts = counts
        copy.available = available
        return copy
    }

    /// Whether all bins together cost less than that: then a bound of the cost proves that they cannot hold the items.
    func isTooSmall(for bound: Int64) -> Bool {
        var total = Int64(0)
        for bin in 0..<bins {
            if available[bin] == .max { return false }
            total = total.saturatingAdd(costs[bin].saturatingMultiply(available[bin]))
        }
        return bound > total
    }
}
