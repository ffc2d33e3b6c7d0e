/// Puts the units that are outside into the open bins, ejecting others where there is no room.
///
/// Guided ejection search (Nagata, Bräysy 2009, there for routes): a unit that found no room grows heavier each time, and
/// those ejected for it are the lightest that make room; then random exchanges shake the bins.
final class EjectionSearch {
    let state: UnitState
    private let meter: StepMeter
    private let pool: PatternPool
    private var random: SearchRandom
    private let memory = ScratchArena()
    private let weight: UnsafeMutablePointer<Int>
    private let share: UnsafeMutablePointer<Double>
    private let members: UnsafeMutablePointer<Int>
    private let need: UnsafeMutablePointer<Int64>
    private var outside: [Int] = []
    /// The state's own memory, at hand for the inner loops.
    private let axes: Int
    private let size: UnsafeMutablePointer<Int64>
    private let room: UnsafeMutablePointer<Int64>
    private let next: UnsafeMutablePointer<Int>

    init(_ state: UnitState, sizes: NormalSizes, random: SearchRandom, pool: PatternPool, meter: StepMeter) {
        self.pool = pool
        self.state = state
        axes = state.axes
        size = state.size
        room = state.room
        next = state.next
        self.meter = meter
        self.random = random
        weight = memory.make(state.units, 1)
        members = memory.make(state.units, 0)
        need = memory.make(axes, 0)
        share = memory.make(state.units * axes, 0)
        for unit in 0..<state.units {
            for axis in 0..<axes {
                share[unit * axes + axis] = sizes.shares[state.itemOf[unit] * axes + axis]
            }
        }
    }

    /// True once every unit has a place; false when the steps end before.
    func place(_ units: [Int]) -> Bool {
        weight.update(repeating: 1, count: state.units)
        outside = units.sorted { (bulk($0), $0) < (bulk($1), $1) }
        while let unit = outside.popLast() {
            if insert(unit) || exchange(unit) { continue }
            guard !meter.isExhausted else {
                outside.append(unit)
                return false
            }
            weight[unit] += 1
            guard eject(for: unit) else {
                outside.append(unit)
                return false
            }
            shake()
        }
        return true
    }

    private func bulk(_ unit: Int) -> Double {
        var sum = 0.0
        for axis in 0..<axes {
            let part = share[unit * axes + axis]
            sum += part * part
        }
        return sum
    }

    // MARK: Direct

    /// Into the bin with room that is left with the least of it.
    private func insert(_ unit: Int) -> Bool {
        var best = -1
        var least = Double.infinity
        var bin = 0
        while bin < state.bins {
            if state.fits(unit, bin) {
                let rest = openness(bin)
                if rest < least {
                    best = bin
                    least = rest
                }
            }
            bin += 1
        }
        meter.spend(state.bins * 2)
        guard best >= 0 else { return false }
        state.put(unit, best)
        return true
    }

    private func openness(_ bin: Int) -> Double {
        let kind = state.classOf[bin]
        var sum = 0.0
        var axis = 0
        while axis < axes {
            sum +=
                Double(room[bin * axes + axis])
                / Double(max(1, state.capacity[kind * axes + axis]))
            axis += 1
        }
        meter.spend(axes)
        return sum
    }

    /// Into the place of a unit that fits elsewhere as it is.
    private func exchange(_ unit: Int) -> Bool {
        let start = random.below(state.bins)
        for offset in 0..<state.bins {
            let bin = (start + offset) % state.bins
            guard state.mayHold(bin, unit) else { continue }
            var other = state.head[bin]
            var tried = 0
            while other >= 0 {
                tried += 1
                let following = next[other]
                if state.fits(unit, bin, without: other), move(other, from: bin) {
                    state.put(unit, bin)
                    return true
                }
                other = following
            }
            meter.spend(tried * 3)
        }
        return false
    }

    private func move(_ unit: Int, from home: Int) -> Bool {
        var bin = 0
        meter.spend(state.bins * 2)
        while bin < state.bins {
            if bin != home, state.fits(unit, bin) {
                state.take(unit)
                state.put(unit, bin)
                return true
            }
            bin += 1
        }
        return false
    }

    // MARK: Ejection

    private var ejected: (first: Int, second: Int, third: Int) = (-1, -1, -1)
    private var lightest = 0
    private var lightestBin = -1
    private var ties = 0

    /// The lightest one, two or three units of one bin that make room; false when no bin can hold the unit.
    private func eject(for unit: Int) -> Bool {
        lightest = .max
        lightestBin = -1
        for bin in 0..<state.bins where state.mayHold(bin, unit) { consider(bin, unit) }
        guard lightestBin >= 0 else { return false }
        for other in [ejected.first, ejected.second, ejected.third] where other >= 0 {
            state.take(other)
            outside.append(other)
        }
        state.put(unit, lightestBin)
        harvest(lightestBin)
        return true
    }

    /// Bins of a search that is nearly there are good patterns.
    private func harvest(_ bin: Int) {
        guard !pool.isFull else { return }
        var items = state.members(bin).map { state.itemOf[$0] }
        items.sort()
        var contents: [Packing.Content] = []
        for item in items {
            if contents.last?.item == item {
                contents[contents.count - 1].count += 1
            } else {
                contents.append(.init(item: item, count: 1))
            }
        }
        meter.spend(items.count * 20)
        pool.add(PackingColumn(bin: state.classOf[bin], contents: contents))
    }

    private func consider(_ bin: Int, _ unit: Int) {
        var axis = 0
        while axis < axes {
            need[axis] = size[unit * axes + axis] &- room[bin * axes + axis]
            axis += 1
        }
        var count = 0
        var other = state.head[bin]
        while other >= 0 {
            members[count] = other
            count += 1
            other = next[other]
        }
        var first = 0
        while first < count {
            let one = members[first]
            if weight[one] <= lightest {
                if makesRoom(one, -1, -1) {
                    offer(bin, weight[one], one, -1, -1)
                } else {
                    considerPairs(bin, first, count)
                }
            }
            first += 1
        }
        meter.spend(count * 4)
    }

    private func considerPairs(_ bin: Int, _ first: Int, _ count: Int) {
        let one = members[first]
        var second = first + 1
        while second < count {
            let two = members[second]
            let sum = weight[one] + weight[two]
            if sum <= lightest {
                if makesRoom(one, two, -1) {
                    offer(bin, sum, one, two, -1)
                } else if count <= Self.mostForTriples {
                    considerTriples(bin, sum, first, second, count)
                }
            }
            second += 1
        }
        meter.spend((count - first) * 5)
    }

    /// In fuller bins three at a time are too many to look at, and two go far.
    private static let mostForTriples = 12

    private func considerTriples(_ bin: Int, _ sum: Int, _ first: Int, _ second: Int, _ count: Int) {
        var third = second + 1
        while third < count {
            let three = members[third]
            if sum + weight[three] <= lightest,
                makesRoom(members[first], members[second], three)
            {
                offer(bin, sum + weight[three], members[first], members[second], three)
            }
            third += 1
        }
        meter.spend((count - second) * 5)
    }

    @inline(__always)
    private func makesRoom(_ one: Int, _ two: Int, _ three: Int) -> Bool {
        var axis = 0
        while axis < axes {
            var freed = size[one * axes + axis]
            if two >= 0 { freed &+= size[two * axes + axis] }
            if three >= 0 { freed &+= size[three * axes + axis] }
            if freed < need[axis] { return false }
            axis += 1
        }
        return true
    }

    private func offer(_ bin: Int, _ sum: Int, _ one: Int, _ two: Int, _ three: Int) {
        if sum == lightest {
            ties += 1
            guard random.below(ties) == 0 else { return }
        } else {
            ties = 1
        }
        lightest = sum
        lightestBin = bin
        ejected = (one, two, three)
    }

    // MARK: Shaking

    /// Random exchanges of two units, and moves of one, that keep every bin within its capacity.
    private func shake() {
        var left = Self.shakes
        while left > 0 {
            left -= 1
            let one = random.below(state.units)
            let two = random.below(state.units)
            let (home, other) = (state.binOf[one], state.binOf[two])
            guard home >= 0, other >= 0, home != other else { continue }
            if state.fits(one, other) {
                guard leaves(one, home) else { continue }
                state.take(one)
                state.put(one, other)
            } else if state.mayHold(other, one), state.mayHold(home, two), state.fits(one, other, without: two),
                state.fits(two, home, without: one)
            {
                state.take(one)
                state.take(two)
                state.put(one, other)
                state.put(two, home)
            }
        }
        meter.spend(Self.shakes * 8)
    }

    /// Whether the bin stays within its capacity without the unit: not so when the unit gives room.
    private func leaves(_ unit: Int, _ bin: Int) -> Bool {
        for axis in 0..<axes
        where room[bin * axes + axis] + size[unit * axes + axis] < 0 {
            return false
        }
        return true
    }

    private static let shakes = 200
}
