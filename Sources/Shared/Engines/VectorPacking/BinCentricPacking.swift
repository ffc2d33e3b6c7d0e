/// Fills one bin after the other with the items that suit the room left best, and repeats the pattern while it can.
struct BinCentricPacking {
    /// What suits a room: Panigrahy, Talwar, Uyeda, Wieder, "Heuristics for vector bin packing" (2011).
    enum Fit: Sendable, CaseIterable {
        /// The largest inner product of size and room.
        case product
        /// The inner product divided by the length of the size: direction only.
        case direction
        /// The smallest distance between size and room.
        case distance
        /// The largest size, whatever the room.
        case size
    }

    enum Scale: Sendable, CaseIterable {
        /// All axes alike.
        case even
        /// By what the items still outside need.
        case demand
    }

    private let instance: PackingInstance
    private let meter: StepMeter
    private let fit: Fit
    private let scale: Scale
    private let sizes: NormalSizes
    private let memory = ScratchArena()
    private let shares: UnsafeMutablePointer<Double>
    private let integers: UnsafeMutablePointer<Int64>
    private let candidates: UnsafeMutablePointer<Int>
    private let room: UnsafeMutablePointer<Int64>
    private let open: UnsafeMutablePointer<Double>
    private let weights: UnsafeMutablePointer<Double>
    private let taken: UnsafeMutablePointer<Int64>
    private var outside: [Int64]
    private var left: [Int64]

    private init(_ instance: PackingInstance, _ fit: Fit, _ scale: Scale, _ meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        self.fit = fit
        self.scale = scale
        sizes = NormalSizes(instance)
        shares = memory.make(sizes.shares, or: 0)
        integers = memory.make(instance.sizes, or: 0)
        candidates = memory.make(instance.items, 0)
        room = memory.make(instance.axes, 0)
        open = memory.make(instance.axes, 0)
        weights = memory.make(instance.axes, 1)
        taken = memory.make(instance.items, 0)
        outside = instance.counts
        left = instance.available
    }

    /// Nil when the steps end before the packing does.
    static func pack(_ instance: PackingInstance, fit: Fit, scale: Scale, meter: StepMeter) -> PackingDraft? {
        var packing = BinCentricPacking(instance, fit, scale, meter)
        return packing.run()
    }

    private mutating func run() -> PackingDraft? {
        var draft = PackingDraft(unplaced: [])
        while !meter.isExhausted {
            weigh()
            guard let group = nextGroup() else {
                draft.unplaced = outside
                return draft
            }
            for content in group.contents { outside[content.item] -= content.count * group.multiplicity }
            if left[group.bin] != .max { left[group.bin] -= group.multiplicity }
            draft.groups.append(group)
        }
        return nil
    }

    /// Weights of the axes for the items still outside; the sum of the weights does not matter.
    private func weigh() {
        guard scale == .demand else { return }
        weights.update(repeating: 0, count: instance.axes)
        for item in 0..<instance.items where outside[item] > 0 {
            for axis in 0..<instance.axes {
                weights[axis] += shares[item * instance.axes + axis] * Double(outside[item])
            }
        }
        meter.spend(instance.items * instance.axes)
    }

    /// Of all bin classes the one whose filling is worth most for its cost.
    private mutating func nextGroup() -> PackingDraft.Group? {
        var best: (group: PackingDraft.Group, value: Double, cost: Double)?
        for bin in 0..<instance.bins where left[bin] > 0 {
            guard let (group, value) = filling(bin) else { continue }
            let cost = Double(instance.costs[bin])
            if let known = best, value * known.cost <= known.value * cost { continue }
            best = (group, value, cost)
        }
        return best?.group
    }

    private mutating func filling(_ bin: Int) -> (PackingDraft.Group, Double)? {
        var count = 0
        for item in 0..<instance.items where outside[item] > 0 && instance.eligible[bin].contains(item) {
            candidates[count] = item
            count += 1
        }
        guard count > 0 else { return nil }
        for (axis, capacity) in instance.capacity(bin).enumerated() { room[axis] = capacity }
        var order: [Int] = []
        var value = 0.0
        while !meter.isExhausted, let item = choose(&count) {
            let more = takes(item)
            if taken[item] == 0 { order.append(item) }
            taken[item] += more
            for axis in 0..<instance.axes {
                room[axis] -= integers[item * instance.axes + axis] * more
                value += shares[item * instance.axes + axis] * Double(more)
            }
            // Items without any size are worth something as well.
            value += 1e-9 * Double(more)
        }
        var multiplicity = left[bin]
        var contents: [Packing.Content] = []
        for item in order.sorted() {
            contents.append(.init(item: item, count: taken[item]))
            multiplicity = min(multiplicity, outside[item] / taken[item])
            taken[item] = 0
        }
        let rest = (0..<instance.axes).map { room[$0] }
        return (.init(bin: bin, contents: contents, room: rest, multiplicity: multiplicity), value)
    }

    /// One at a time; of items that fit by the hundred a share of them, so that a bin of a million takes few rounds.
    private func takes(_ item: Int) -> Int64 {
        var number = outside[item] - taken[item]
        for axis in 0..<instance.axes where integers[item * instance.axes + axis] > 0 {
            number = min(number, room[axis] / integers[item * instance.axes + axis])
        }
        let isNothing = (0..<instance.axes).allSatisfy { integers[item * instance.axes + $0] == 0 }
        return isNothing ? number : max(1, number / 32)
    }

    /// The candidate that suits best; those that no longer fit are dropped for good.
    private func choose(_ count: inout Int) -> Int? {
        let axes = instance.axes
        var axis = 0
        while axis < axes {
            open[axis] = Double(room[axis])
            axis += 1
        }
        normalise()
        var kept = 0
        var place = 0
        var best = -1
        var bestValue = -Double.infinity
        while place < count {
            let item = candidates[place]
            place += 1
            guard outside[item] > taken[item], fits(item * axes) else { continue }
            candidates[kept] = item
            kept += 1
            let value = suits(item * axes)
            if value > bestValue {
                best = item
                bestValue = value
            }
        }
        meter.spend(count * axes * 2)
        count = kept
        return best < 0 ? nil : best
    }

    private func normalise() {
        for axis in 0..<instance.axes {
            open[axis] /= sizes.reference[axis]
        }
    }

    private func fits(_ start: Int) -> Bool {
        var axis = 0
        while axis < instance.axes {
            if integers[start + axis] > room[axis] { return false }
            axis += 1
        }
        return true
    }

    private func suits(_ start: Int) -> Double {
        var product = 0.0
        var distance = 0.0
        var length = 0.0
        var axis = 0
        while axis < instance.axes {
            let share = shares[start + axis]
            let weight = weights[axis]
            let gap = open[axis] - share
            product += weight * share * open[axis]
            distance += weight * gap * gap
            length += weight * share * share
            axis += 1
        }
        switch fit {
        case .product: return product
        case .direction: return length > 0 ? product / length.squareRoot() : 0
        case .distance: return -distance
        case .size: return length
        }
    }
}
