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
    private static let unit = Int64(1) << 20
    private static let weightSum = Int64(1) << 8
    /// Largest value of an item: times the largest room it stays within Int64.
    static let mostValue = Int64(1) << 30

    private let instance: PackingInstance
    private let bin: Int
    private let axes: Int
    private let meter: StepMeter
    private let eligible: [Int]
    /// Shares by place in `eligible`.
    private let shares: Scratch<Int64>
    private let placeOf: Scratch<Int>
    private let usable: [Bool]
    private var weights: [Double]

    // The items of one question, in the order of the search.
    private let item: Scratch<Int>
    private let worth: Scratch<Int64>
    private let most: Scratch<Int64>
    private let bulk: Scratch<Int64>
    private let sizes: Scratch<Int64>
    private var count = 0
    /// Items that give room come first, and nothing is cut while they are being chosen.
    private var givers = 0

    private var lists: [Scratch<Int>] = []
    private var rooms: [Scratch<Int64>] = []
    private let taken: Scratch<Int64>
    private var best: Int64 = 0
    private var answer = Answer()
    private var stepLimit = 0

    init(_ instance: PackingInstance, bin: Int, meter: StepMeter) {
        self.instance = instance
        self.bin = bin
        self.meter = meter
        axes = instance.axes
        eligible = (0..<instance.items).filter { instance.eligible[bin].contains($0) }
        shares = Scratch(eligible.count * instance.axes, 0)
        placeOf = Scratch(instance.items, 0)
        for (place, item) in eligible.enumerated() { placeOf.base[item] = place }
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
                shares.base[place * instance.axes + axis] = Int64(saturating: share)
            }
            // What items give may make the room of the axis large, but not beyond what the sums below can hold.
            if given > Int128(Self.unit * 4) { usable[axis] = false }
        }
        self.usable = usable
        weights = usable.map { $0 ? 1 : 0 }
        item = Scratch(eligible.count, 0)
        worth = Scratch(eligible.count, 0)
        most = Scratch(eligible.count, 0)
        bulk = Scratch(eligible.count, 0)
        sizes = Scratch(eligible.count * instance.axes, 0)
        taken = Scratch(eligible.count, 0)
    }

    /// Fillings worth more than the floor and a proven bound of what any filling is worth.
    ///
    /// - Parameters:
    ///   - values: Of one item of each class, 0 to `mostValue`.
    ///   - counts: At most so many of each class.
    ///   - floor: Only more than that is of interest, and the bound need not be below it.
    ///   - steps: Of the search in depth.
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
        for axis in 0..<axes { rooms[0].base[axis] = instance.capacities[bin * axes + axis] }
        for place in 0..<count { lists[0].base[place] = place }
        root = descend(0, count, 0, Self.unit * weightTotal)
        answer.bound = max(best, root)
        answer.isExact = root <= best
        return answer
    }

    // MARK: Preparing

    private func load(_ values: [Int64], _ counts: [Int64]) {
        count = 0
        for item in eligible where values[item] > 0 && counts[item] > 0 {
            self.item.base[count] = item
            count += 1
        }
        meter.spend(eligible.count)
        for place in 0..<count {
            let item = self.item.base[place]
            worth.base[place] = values[item]
            most.base[place] = counts[item]
        }
    }

    private var weightTotal: Int64 = 0

    /// Classes in one bin that are looked at one inside the other; it keeps the stack small.
    private static let mostDepth = 400

    /// Weights of the axes under which the fractional filling is worth least, by a few steps along the overload; leaves
    /// the items sorted by the best of them and gives that bound.
    private func tuneWeights() -> Int64 {
        var bestBound = Int64.max
        var bestWeights: [Int64] = []
        let chosen = (0..<count).map { (item: item.base[$0], worth: worth.base[$0], most: most.base[$0]) }
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

    private static let tuning = 6

    private func wholeWeights() -> [Int64] {
        let total = weights.reduce(0, +)
        guard total > 0 else { return weights.map { _ in 0 } }
        return weights.map { Int64($0 / total * Double(Self.weightSum)) }
    }

    private func sort(
        _ chosen: [(item: Int, worth: Int64, most: Int64)],
        _ whole: [Int64]
    ) {
        weightTotal = whole.reduce(0, +)
        var rows: [(item: Int, worth: Int64, most: Int64, bulk: Int64, gives: Bool, ratio: Double)] = []
        rows.reserveCapacity(chosen.count)
        for entry in chosen {
            let place = placeOf.base[entry.item]
            var bulk = Int64(0)
            var gives = false
            for axis in 0..<axes {
                bulk += whole[axis] * shares.base[place * axes + axis]
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
        let capacity = Array(instance.capacity(bin))
        for (place, row) in rows.enumerated() {
            item.base[place] = row.item
            worth.base[place] = row.worth
            most.base[place] = row.gives ? row.most : instance.fitting(row.item, capacity, atMost: row.most)
            bulk.base[place] = row.bulk
            if row.gives { givers += 1 }
            for axis in 0..<axes { sizes.base[place * axes + axis] = instance.sizes[row.item * axes + axis] }
        }
        meter.spend(count * (axes + 10))
    }

    /// The fractional filling of the whole list, and how much of each axis it takes.
    private func fractional() -> (Int64, [Double]) {
        var room = Self.unit * weightTotal
        var value = Int64(0)
        var load = Array(repeating: 0.0, count: axes)
        func take(_ place: Int, _ amount: Double) {
            let source = placeOf.base[item.base[place]]
            for axis in 0..<axes { load[axis] += amount * Double(shares.base[source * axes + axis]) }
        }
        for place in 0..<count where bulk.base[place] <= 0 {
            value = value.saturatingAdd(worth.base[place].saturatingMultiply(most.base[place]))
            room = room.saturatingAdd((-bulk.base[place]).saturatingMultiply(most.base[place]))
            take(place, Double(most.base[place]))
        }
        for place in 0..<count where bulk.base[place] > 0 {
            let each = bulk.base[place]
            let number = min(most.base[place], room / each)
            value = value.saturatingAdd(worth.base[place].saturatingMultiply(number))
            room -= each * number
            take(place, Double(number))
            if number < most.base[place] {
                value = value.saturatingAdd(worth.base[place].saturatingMultiply(room) / each + 1)
                take(place, Double(room) / Double(each))
                break
            }
        }
        return (value, load)
    }

    // MARK: In depth

    private func prepare(depth: Int) {
        while lists.count <= depth {
            lists.append(Scratch(max(1, eligible.count), 0))
            rooms.append(Scratch(axes, 0))
        }
    }

    /// Takes what fits in the order of the list.
    private func greedy() {
        var room = Array(instance.capacity(bin))
        var value = Int64(0)
        var contents: [Packing.Content] = []
        for place in 0..<count {
            let number = instance.fitting(item.base[place], room, atMost: most.base[place])
            guard number > 0 else { continue }
            for axis in 0..<axes { room[axis] -= sizes.base[place * axes + axis] * number }
            value = value.saturatingAdd(worth.base[place].saturatingMultiply(number))
            contents.append(.init(item: item.base[place], count: number))
        }
        meter.spend(count * axes)
        offer(contents, value)
    }

    private func offer(_ contents: [Packing.Content], _ value: Int64) {
        guard value > best else { return }
        best = value
        answer.found.append((contents.sorted { $0.item < $1.item }, value))
    }

    private func offer(_ value: Int64) {
        guard value > best else { return }
        var contents: [Packing.Content] = []
        for place in 0..<count where taken.base[place] > 0 {
            contents.append(.init(item: item.base[place], count: taken.base[place]))
        }
        offer(contents, value)
    }

    /// Explores the node; gives a bound of what was left unexplored in it, 0 when nothing was.
    private func descend(_ depth: Int, _ length: Int, _ value: Int64, _ room: Int64) -> Int64 {
        let list = lists[depth].base
        let rooms = self.rooms[depth].base
        var isSound = true
        for axis in 0..<axes where rooms[axis] < 0 { isSound = false }
        if isSound { offer(value) }
        var place = 0
        while place < length {
            let bound = nodeBound(list, place, length, value, room)
            if bound <= best { return 0 }
            if meter.used >= stepLimit || depth >= Self.mostDepth { return bound }
            let chosen = list[place]
            // Items that give room are not cut by what fits: the room is complete only after the last of them.
            if chosen < givers || isSound {
                let unexplored = take(chosen, depth, place, length, value, room)
                if unexplored > 0 { return max(unexplored, bound) }
            }
            place += 1
        }
        return 0
    }

    /// As many of the chosen item as fit, then one fewer each time, and on with the items after it.
    private func take(
        _ chosen: Int,
        _ depth: Int,
        _ place: Int,
        _ length: Int,
        _ value: Int64,
        _ room: Int64
    ) -> Int64 {
        prepare(depth: depth + 1)
        let rooms = self.rooms[depth].base
        let next = self.rooms[depth + 1].base
        let size = sizes.base + chosen * axes
        var number = most.base[chosen]
        var axis = 0
        while axis < axes, chosen >= givers {
            if size[axis] > 0 { number = min(number, rooms[axis] / size[axis]) }
            axis += 1
        }
        while number > 0 {
            axis = 0
            while axis < axes {
                next[axis] = rooms[axis] &- size[axis] &* number
                axis += 1
            }
            let kept = keep(after: place, length, depth, chosen, next)
            taken.base[chosen] = number
            let unexplored = descend(
                depth + 1,
                kept,
                value.saturatingAdd(worth.base[chosen].saturatingMultiply(number)),
                room.saturatingAdd(-bulk.base[chosen].saturatingMultiply(number))
            )
            taken.base[chosen] = 0
            if unexplored > 0 { return unexplored }
            number -= 1
        }
        return 0
    }

    /// The list of the next depth: what still fits, or all of it while items that give room are being chosen.
    private func keep(
        after place: Int,
        _ length: Int,
        _ depth: Int,
        _ chosen: Int,
        _ room: UnsafeMutablePointer<Int64>
    ) -> Int {
        let list = lists[depth].base
        let target = lists[depth + 1].base
        var kept = 0
        var candidate = place + 1
        meter.spend((length - candidate) * 3 + axes * 2)
        while candidate < length {
            let other = list[candidate]
            if chosen < givers || fits(other, room) {
                target[kept] = other
                kept += 1
            }
            candidate += 1
        }
        return kept
    }

    @inline(__always)
    private func fits(_ place: Int, _ room: UnsafeMutablePointer<Int64>) -> Bool {
        let size = sizes.base + place * axes
        var axis = 0
        while axis < axes {
            if size[axis] > room[axis] { return false }
            axis += 1
        }
        return true
    }

    /// What the node is worth at most when it goes on with the list from that place.
    @inline(__always)
    private func nodeBound(
        _ list: UnsafeMutablePointer<Int>,
        _ from: Int,
        _ length: Int,
        _ value: Int64,
        _ room: Int64
    ) -> Int64 {
        var value = value
        var room = room
        var place = from
        while place < length {
            let chosen = list[place]
            let each = bulk.base[chosen]
            let number = most.base[chosen]
            if each <= 0 {
                value = value.saturatingAdd(worth.base[chosen].saturatingMultiply(number))
                room = room.saturatingAdd((-each).saturatingMultiply(number))
            } else if each.saturatingMultiply(number) <= room {
                value = value.saturatingAdd(worth.base[chosen].saturatingMultiply(number))
                room -= each * number
            } else {
                meter.spend((place - from + 1) * 2)
                return room <= 0 ? value : value.saturatingAdd(worth.base[chosen].saturatingMultiply(room) / each + 1)
            }
            place += 1
        }
        meter.spend((place - from + 1) * 2)
        return value
    }
}
