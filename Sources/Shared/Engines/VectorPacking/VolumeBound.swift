/// The bound that needs no search: what all items together take of the axis that is shortest.
enum VolumeBound {
    /// A proven lower bound of the cost.
    ///
    /// With one kind of bin the fewest bins by volume times the cost; with several,
    /// in each axis the bins in the order of cost for capacity, the last one in parts.
    static func value(_ instance: PackingInstance) -> Int64 {
        guard instance.items > 0 else { return 0 }
        var best = instance.costs.min() ?? 0
        for axis in 0..<instance.axes { best = max(best, value(instance, axis)) }
        return best
    }

    private static func value(_ instance: PackingInstance, _ axis: Int) -> Int64 {
        var need = Int128(0)
        for item in 0..<instance.items {
            need += Int128(instance.sizes[item * instance.axes + axis]) * Int128(instance.counts[item])
        }
        guard need > 0 else { return 0 }
        func capacity(_ bin: Int) -> Int128 { Int128(instance.capacities[bin * instance.axes + axis]) }
        let order = (0..<instance.bins).filter { capacity($0) > 0 }.sorted {
            Int128(instance.costs[$0]) * capacity($1) < Int128(instance.costs[$1]) * capacity($0)
        }
        var cost = Int128(0)
        for bin in order where need > 0 {
            let bins = min(Int128(instance.available[bin]), need / capacity(bin))
            let (price, overflow) = bins.multipliedReportingOverflow(by: Int128(instance.costs[bin]))
            if overflow || price > Int128(Int64.max) { return .max }
            cost += price
            need -= bins * capacity(bin)
            guard need > 0, bins < Int128(instance.available[bin]) else { continue }
            // The next bin would hold all of the rest: a part of its cost, rounded up over the whole.
            let part = (Int128(instance.costs[bin]) * need + capacity(bin) - 1) / capacity(bin)
            return Int64(saturating: cost + part)
        }
        return Int64(saturating: cost)
    }
}
