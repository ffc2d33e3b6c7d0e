/// Puts the units that are outside into the open bins, ejecting others where there is no room.
///
/// Guided ejection search (Nagata, Bräysy 2009, there for routes): a unit that found no room grows heavier each time, and
/// those ejected for it are the lightest that make room; then random exchanges shake the bins.
final class EjectionSearch {
    let state: UnitState
    private let meter: StepMeter
    private var random: SearchRandom
    private let weight: Scratch<Int>
    private let share: Scratch<Double>
    private let members: Scratch<Int>
    private let need: Scratch<Int64>
    private var outside: [Int] = []

    init(_ state: UnitState, sizes: NormalSizes, random: SearchRandom, meter: StepMeter) {
        self.state = state
        self.meter = meter
        self.random = random
        weight = Scratch(state.units, 1)
        members = Scratch(state.units, 0)
        need = Scratch(state.axes, 0)
        share = Scratch(state.units * state.axes, 0)
        let axes = state.axes
        for unit in 0..<state.units {
            for axis in 0..<axes {
                share.base[unit * axes + axis] = sizes.shares[state.itemOf.base[unit] * axes + axis]
            }
        }
    }

    /// True once every unit has a place; false when the steps end before.
    func place(_ units: [Int]) -> Bool {
        weight.fill(1)
        outside = units.sorted { (bulk($0), $0) < (bulk($1), $1) }
        while let unit = outside.popLast() {
            if insert(unit) || exchange(unit) { continue }
            guard !meter.isExhausted else {
                outside.append(unit)
                return false
            }
            weight.base[unit] += 1
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
        for axis in 0..<state.axes {
            let part = share.base[unit * state.axes + axis]
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
        let kind = state.classOf.base[bin]
        var sum = 0.0
        var axis = 0
        while axis < state.axes {
            sum +=
                Double(state.room.base[bin * state.axes + axis])
                / Double(max(1, state.capacity.base[kind * state.axes + axis]))
            axis += 1
        }
        meter.spend(state.axes)
        return sum
    }

    /// Into the place of a unit that fits elsewhere as it is.
    private func exchange(_ unit: Int) -> Bool {
        let start = random.below(state.bins)
        for offset in 0..<state.bins {
            let bin = (start + offset) % state.bins
            guard state.mayHold(bin, unit) else { continue }
            var other = state.head.base[bin]
            var tried = 0
            while other >= 0 {
                tried += 1
                let following = state.next.base[other]
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
        return true
    }

    private func consider(_ bin: Int, _ unit: Int) {
        let axes = state.axes
        var axis = 0
        while axis < axes {
            need.base[axis] = state.size.base[unit * axes + axis] &- state.room.base[bin * axes + axis]
            axis += 1
        }
        var count = 0
        var other = state.head.base[bin]
        while other >= 0 {
            members.base[count] = other
            count += 1
            other = state.next.base[other]
        }
        var first = 0
        while first < count {
            let one = members.base[first]
            if weight.base[one] <= lightest {
                if makesRoom(one, -1, -1) {
                    offer(bin, weight.base[one], one, -1, -1)
                } else {
                    considerPairs(bin, first, count)
                }
            }
            first += 1
        }
        meter.spend(count * 4)
    }

    private func considerPairs(_ bin: Int, _ first: Int, _ count: Int) {
        let one = members.base[first]
        var second = first + 1
        while second < count {
            let two = members.base[second]
            let sum = weight.base[one] + weight.base[two]
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
            let three = members.base[third]
            if sum + weight.base[three] <= lightest,
                makesRoom(members.base[first], members.base[second], three)
            {
                offer(bin, sum + weight.base[three], members.base[first], members.base[second], three)
            }
            third += 1
        }
        meter.spend((count - second) * 5)
    }

    @inline(__always)
    private func makesRoom(_ one: Int, _ two: Int, _ three: Int) -> Bool {
        let axes = state.axes
        let sizes = state.size.base
        var axis = 0
        while axis < axes {
            var freed = sizes[one * axes + axis]
            if two >= 0 { freed &+= sizes[two * axes + axis] }
            if three >= 0 { freed &+= sizes[three * axes + axis] }
            if freed < need.base[axis] { return false }
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
            let (home, other) = (state.binOf.base[one], state.binOf.base[two])
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
        for axis in 0..<state.axes
        where state.room.base[bin * state.axes + axis] + state.size.base[unit * state.axes + axis] < 0 {
            return false
        }
        return true
    }

    private static let shakes = 200
}
