/// A lower bound from whole-number values of the items, free of rounding.
///
/// Give each item of class `i` the value `v[i] >= 0`, in units of 1/S of the largest bin cost. When no filling of a bin
/// of class `b` is worth more than `z[b]`, then a bin with a limit pays for its contents but for `max(0, z[b] - cost)`,
/// and one without a limit pays for `cost / z[b]` of them. Hence, with the smallest ratio `f = min(1, cost / z)` of the
/// bins without a limit,
///
///     cost of any packing >= f sum count[i] v[i] - sum over limited b of available[b] max(0, f z[b] - cost[b])
///
/// (linear programming duality; the scaling by `f` is Farley's, 1990). Everything is a whole number or a fraction of two
/// and is rounded once, downwards, at the end.
struct ProvenBound {
    let instance: PackingInstance
    /// Items worth one largest bin cost together have this value.
    static let scale = Int64(1) << 28

    /// Whole values for those duals, each rounded down, and what the largest cost is worth in their unit.
    static func values(_ duals: [Double]) -> (values: [Int64], unit: Int64) {
        let largest = duals.max() ?? 0
        var unit = scale
        // A dual above the cost of a bin is possible where bins are limited.
        while Double(unit) * largest > Double(PatternPricing.mostValue), unit > 1 { unit /= 2 }
        let values = duals.map { dual -> Int64 in
            let value = dual * Double(unit)
            guard value > 0, value.isFinite else { return 0 }
            return min(PatternPricing.mostValue, Int64(min(value, 1e15)))
        }
        return (values, unit)
    }

    /// Cost of a bin of the class in those units, rounded down: a smaller cost makes a smaller bound.
    func cost(_ bin: Int, unit: Int64) -> Int64 {
        let largest = max(1, instance.costs.max() ?? 1)
        return Int64(Int128(instance.costs[bin]) * Int128(unit) / Int128(largest))
    }

    /// The bound, rounded up to a cost that sums of bin costs can reach at all.
    func value(values: [Int64], unit: Int64, fillings: [Int64]) -> Int64 {
        var worth = Int128(0)
        for item in 0..<instance.items { worth += Int128(values[item]) * Int128(instance.counts[item]) }
        // f = above / below, at most 1.
        var above = Int128(1)
        var below = Int128(1)
        for bin in 0..<instance.bins where instance.available[bin] == .max {
            let cost = Int128(cost(bin, unit: unit))
            let filling = Int128(fillings[bin])
            if filling * above > cost * below { (above, below) = (cost, filling) }
        }
        guard above > 0 else { return 0 }
        var total = worth * above
        for bin in 0..<instance.bins where instance.available[bin] != .max {
            let excess = Int128(fillings[bin]) * above - Int128(cost(bin, unit: unit)) * below
            guard excess > 0 else { continue }
            let (loss, overflow) = excess.multipliedReportingOverflow(by: Int128(instance.available[bin]))
            if overflow || loss >= total { return 0 }
            total -= loss
        }
        guard total > 0 else { return 0 }
        return roundedUp(total, over: Int128(unit) * below)
    }

    /// The same without rounding up, in largest bin costs: for telling which of two sets of values is better.
    func strength(values: [Int64], unit: Int64, fillings: [Int64]) -> Double {
        var worth = 0.0
        for item in 0..<instance.items { worth += Double(values[item]) * Double(instance.counts[item]) }
        var factor = 1.0
        for bin in 0..<instance.bins where instance.available[bin] == .max && fillings[bin] > 0 {
            factor = min(factor, Double(cost(bin, unit: unit)) / Double(fillings[bin]))
        }
        var total = worth * factor
        for bin in 0..<instance.bins where instance.available[bin] != .max {
            let excess = Double(fillings[bin]) * factor - Double(cost(bin, unit: unit))
            if excess > 0 { total -= excess * Double(instance.available[bin]) }
        }
        return total / Double(unit)
    }

    /// Costs are whole, and multiples of what all bin costs have in common.
    private func roundedUp(_ total: Int128, over divisor: Int128) -> Int64 {
        let largest = Int128(max(1, instance.costs.max() ?? 1))
        let common = Int128(commonCost)
        let (numerator, overflow) = total.multipliedReportingOverflow(by: largest)
        let (denominator, wide) = divisor.multipliedReportingOverflow(by: common)
        // Absurd numbers: whole largest costs only, which is less.
        if overflow || wide { return Int64(saturating: total / divisor).saturatingMultiply(Int64(largest)) }
        let steps = numerator / denominator + (numerator % denominator > 0 ? 1 : 0)
        return Int64(saturating: steps).saturatingMultiply(Int64(common))
    }

    private var commonCost: Int64 {
        var common = Int64(0)
        for cost in instance.costs {
            var (left, right) = (common, cost)
            while right != 0 { (left, right) = (right, left % right) }
            common = left
        }
        return max(1, common)
    }
}
