/// The most valuable filling of one bin: a knapsack with several axes and bounded counts, whole numbers throughout.
///
/// Depth first over the items in the order of value for a weighted sum of their sizes, each node with the list of items
/// that still fit. The bound of a node is the fractional filling of that one sum (Dantzig): no filling of the node is
/// worth more, whatever the weights are. When the steps end, what the open nodes could still reach is part of the bound:
/// it is always proven.
final class PatternPricing {
    struct Answer {
        /// Fillings worth more than the floor, each better than the one before.
        var found: [(contents: [Packing.Content], value: Int64)] = []
        /// No filling is worth more.
        var bound: Int64 = 0
        /// The bound is the value of the best filling, or the floor that no filling exceeds.
        var isExact = true
    }

    /// Sizes as shares of the capacity in units of 2^-20, rounded down; weights of the axes add up to 2^8.
    static let unit = Int64(1) << 20
    static let weightSum = Int64(1) << 8
    /// Largest value of an item: times the largest room it stays within Int64.
    static let mostValue = Int64(1) << 30

    let instance: PackingInstance
    let bin: Int
    let axes: Int
    let meter: StepMeter
    let eligible: [Int]
    let memory = ScratchArena()
    /// Shares by place in `eligible`.
    let shares: UnsafeMutablePointer<Int64>
    let placeOf: UnsafeMutablePointer<Int>
    let usable: [Bool]
    /// Items with a negative part.
    let roomGivers: ClassSet
    /// Capacity and all that items could give together.
    let widest: [Int64]
    var weights: [Double]

    // The items of one question, in the order of the search.
    let item: UnsafeMutablePointer<Int>
    let worth: UnsafeMutablePointer<Int64>
    let most: UnsafeMutablePointer<Int64>
    let bulk: UnsafeMutablePointer<Int64>
    let sizes: UnsafeMutablePointer<Int64>
    var count = 0
    /// Items that give room come first, and nothing is cut while they are being chosen.
    var givers = 0

    var lists: [UnsafeMutablePointer<Int>] = []
    var rooms: [UnsafeMutablePointer<Int64>] = []
    let taken: UnsafeMutablePointer<Int64>
    var best: Int64 = 0
    var answer = Answer()
    var stepLimit = 0

    init(_ instance: PackingInstance, bin: Int, meter: StepMeter) {
        self.instance = instance
        self.bin = bin
        self.meter = meter
        axes = instance.axes
        eligible = (0..<instance.items).filter { instance.eligible[bin].contains($0) }
        shares = memory.make(eligible.count * instance.axes, 0)
        placeOf = memory.make(instance.items, 0)
        for (place, item) in eligible.enumerated() { placeOf[item] = place }
        var usable = Array(repeating: true, count: instance.axes)
        for axis in 0..<instance.axes {
            let capacity = Int128(instance.capacities[bin * instance.axes + axis])
            guard capacity > 0 else {
                usable[axis] = false
                continue
            }
            var given = Int128(0)
            for (place, item) in eligible.enumerated() {
                let size = Int128(instance.sizes[item * instance.axes + axis])
                var share = size * Int128(Self.unit) / capacity
                if size < 0 {
                    share -= 1
                    given -= share * Int128(min(instance.counts[item], 1 << 40))
                }
                shares[place * instance.axes + axis] = Int64(saturating: share)
            }
            // What items give may make the room of the axis large, but not beyond what the sums below can hold.
            if given > Int128(Self.unit * 4) { usable[axis] = false }
        }
        self.usable = usable
        roomGivers = ClassSet(eligible.filter { instance.size($0).contains { $0 < 0 } })
        var widest = Array(instance.capacity(bin))
        for item in eligible {
            for (axis, size) in instance.size(item).enumerated() where size < 0 {
                widest[axis] = widest[axis].saturatingAdd((-size).saturatingMultiply(instance.counts[item]))
            }
        }
        self.widest = widest
        weights = usable.map { $0 ? 1 : 0 }
        item = memory.make(eligible.count, 0)
        worth = memory.make(eligible.count, 0)
        most = memory.make(eligible.count, 0)
        bulk = memory.make(eligible.count, 0)
        sizes = memory.make(eligible.count * instance.axes, 0)
        taken = memory.make(eligible.count, 0)
    }

    /// Fillings worth more than the floor and a proven bound of what any filling is worth.
    ///
    /// - Parameters:
    ///   - values: Of one item of each class, 0 to `mostValue`.
    ///   - counts: At most so many of each class.
    ///   - floor: Only more than that is of interest, and the bound need not be below it.
    ///   - steps: Of the search in depth.
    /// - Returns: The fillings found and the bound.
    func solve(values: [Int64], counts: [Int64], floor: Int64, steps: Int) -> Answer {
        answer = Answer()
        best = floor
        load(values, counts)
        guard count > 0 else {
            answer.bound = 0
            return answer
        }
        var root = tuneWeights()
        if root <= floor {
            answer.bound = root
            return answer
        }
        greedy()
        stepLimit = meter.used + min(steps, meter.left)
        prepare(depth: 0)
        for axis in 0..<axes { rooms[0][axis] = instance.capacities[bin * axes + axis] }
        for place in 0..<count { lists[0][place] = place }
        root = descend(0, count, 0, Self.unit * weightTotal)
        answer.bound = max(best, root)
        answer.isExact = root <= best
        return answer
    }

    // MARK: Preparing

    func load(_ values: [Int64], _ counts: [Int64]) {
        count = 0
        // An item that gives room is of use even where it is worth nothing itself.
        for item in eligible where counts[item] > 0 && (values[item] > 0 || roomGivers.contains(item)) {
            self.item[count] = item
            count += 1
        }
        meter.spend(eligible.count)
        for place in 0..<count {
            let item = self.item[place]
            worth[place] = values[item]
            most[place] = counts[item]
        }
    }

    var weightTotal: Int64 = 0

    /// Classes in one bin that are looked at one inside the other; it keeps the stack small.
    static let mostDepth = 250

    /// Weights of the axes under which the fractional filling is worth least, by a few steps along the overload; leaves
    /// the items sorted by the best of them and gives that bound.
    func tuneWeights() -> Int64 {
        var bestBound = Int64.max
        var bestWeights: [Int64] = []
        let chosen = (0..<count).map { (item: item[$0], worth: worth[$0], most: most[$0]) }
        for _ in 0..<Self.tuning {
            let whole = wholeWeights()
            sort(chosen, whole)
            let (bound, load) = fractional()
            if bound < bestBound {
                bestBound = bound
                bestWeights = whole
            }
            if bound <= best { break }
            for axis in 0..<axes where usable[axis] {
                let ratio = load[axis] / Double(Self.unit)
                weights[axis] = max(1e-4, weights[axis] * min(2, max(0.5, ratio * ratio)))
            }
            let total = weights.reduce(0, +)
            if total > 0 { weights = weights.map { $0 / total } }
        }
        sort(chosen, bestWeights)
        return bestBound
    }

    static let tuning = 6

    func wholeWeights() -> [Int64] {
        let total = weights.reduce(0, +)
        guard total > 0 else { return weights.map { _ in 0 } }
        return weights.map { Int64($0 / total * Double(Self.weightSum)) }
    }

    func sort(
        _ chosen: [(item: Int, worth: Int64, most: Int64)],
        _ whole: [Int64]
    ) {
        weightTotal = whole.reduce(0, +)
        var rows: [(item: Int, worth: Int64, most: Int64, bulk: Int64, gives: Bool, ratio: Double)] = []
        rows.reserveCapacity(chosen.count)
        for entry in chosen {
            let place = placeOf[entry.item]
            var bulk = Int64(0)
            var gives = false
            for axis in 0..<axes {
                bulk += whole[axis] * shares[place * axes + axis]
                if instance.sizes[entry.item * axes + axis] < 0 { gives = true }
            }
            let ratio = bulk > 0 ? Double(entry.worth) / Double(bulk) : Double.infinity
            rows.append((entry.item, entry.worth, entry.most, bulk, gives, ratio))
        }
        rows.sort { left, right in
            if left.gives != right.gives { return left.gives }
            return (-left.ratio, left.item) < (-right.ratio, right.item)
        }
        givers = 0
        for (place, row) in rows.enumerated() {
            item[place] = row.item
            worth[place] = row.worth
            most[place] = row.gives ? row.most : instance.fitting(row.item, widest, atMost: row.most)
            bulk[place] = row.bulk
            if row.gives { givers += 1 }
            for axis in 0..<axes { sizes[place * axes + axis] = instance.sizes[row.item * axes + axis] }
        }
        meter.spend(count * (axes + 10))
    }

    /// The fractional filling of the whole list, and how much of each axis it takes.
    func fractional() -> (Int64, [Double]) {
        var room = Self.unit * weightTotal
        var value = Int64(0)
        var load = Array(repeating: 0.0, count: axes)
        func take(_ place: Int, _ amount: Double) {
            let source = placeOf[item[place]]
            for axis in 0..<axes { load[axis] += amount * Double(shares[source * axes + axis]) }
        }
        // Items that give room, and those that take none, all come in and cost nothing.
        for place in 0..<count where place < givers || bulk[place] <= 0 {
            value = value.saturatingAdd(worth[place].saturatingMultiply(most[place]))
            room = room.saturatingAdd(max(0, -bulk[place]).saturatingMultiply(most[place]))
            take(place, Double(most[place]))
        }
        for place in givers..<count where bulk[place] > 0 {
            let each = bulk[place]
            let number = min(most[place], room / each)
            value = value.saturatingAdd(worth[place].saturatingMultiply(number))
            room -= each * number
            take(place, Double(number))
            if number < most[place] {
                value = value.saturatingAdd(worth[place].saturatingMultiply(room) / each + 1)
                take(place, Double(room) / Double(each))
                break
            }
        }
        return (value, load)
    }
}
