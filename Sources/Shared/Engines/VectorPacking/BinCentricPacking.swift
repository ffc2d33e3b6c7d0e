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
    private let shares: Scratch<Double>
    private let integers: Scratch<Int64>
    private let candidates: Scratch<Int>
    private let room: Scratch<Int64>
    private let open: Scratch<Double>
    private let weights: Scratch<Double>
    private let taken: Scratch<Int64>
    private var outside: [Int64]
    private var left: [Int64]

    private init(_ instance: PackingInstance, _ fit: Fit, _ scale: Scale, _ meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        self.fit = fit
        self.scale = scale
        sizes = NormalSizes(instance)
        shares = Scratch(sizes.shares, or: 0)
        integers = Scratch(instance.sizes, or: 0)
        candidates = Scratch(instance.items, 0)
        room = Scratch(instance.axes, 0)
        open = Scratch(instance.axes, 0)
        weights = Scratch(instance.axes, 1)
        taken = Scratch(instance.items, 0)
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
        weights.fill(0)
        for item in 0..<instance.items where outside[item] > 0 {
            for axis in 0..<instance.axes {
                weights.base[axis] += shares.base[item * instance.axes + axis] * Double(outside[item])
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
            candidates.base[count] = item
            count += 1
        }
        guard count > 0 else { return nil }
        for (axis, capacity) in instance.capacity(bin).enumerated() { room.base[axis] = capacity }
        var order: [Int] = []
        var value = 0.0
        while let item = choose(&count) {
            let more = takes(item)
            if taken.base[item] == 0 { order.append(item) }
            taken.base[item] += more
            for axis in 0..<instance.axes {
                room.base[axis] -= integers.base[item * instance.axes + axis] * more
                value += shares.base[item * instance.axes + axis] * Double(more)
            }
            // Items without any size are worth something as well.
            value += 1e-9 * Double(more)
        }
        var multiplicity = left[bin]
        var contents: [Packing.Content] = []
        for item in order.sorted() {
            contents.append(.init(item: item, count: taken.base[item]))
            multiplicity = min(multiplicity, outside[item] / taken.base[item])
            taken.base[item] = 0
        }
        let rest = (0..<instance.axes).map { room.base[$0] }
        return (.init(bin: bin, contents: contents, room: rest, multiplicity: multiplicity), value)
    }

    /// One at a time, but items without any size all together.
    private func takes(_ item: Int) -> Int64 {
        for axis in 0..<instance.axes where integers.base[item * instance.axes + axis] > 0 { return 1 }
        return outside[item] - taken.base[item]
    }

    /// The candidate that suits best; those that no longer fit are dropped for good.
    private func choose(_ count: inout Int) -> Int? {
        let axes = instance.axes
        var axis = 0
        while axis < axes {
            open.base[axis] = Double(room.base[axis])
            axis += 1
        }
        normalise()
        var kept = 0
        var place = 0
        var best = -1
        var bestValue = -Double.infinity
        while place < count {
            let item = candidates.base[place]
            place += 1
            guard outside[item] > taken.base[item], fits(item * axes) else { continue }
            candidates.base[kept] = item
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
            open.base[axis] /= sizes.reference[axis]
        }
    }

    private func fits(_ start: Int) -> Bool {
        var axis = 0
        while axis < instance.axes {
            if integers.base[start + axis] > room.base[axis] { return false }
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
            let share = shares.base[start + axis]
            let weight = weights.base[axis]
            let gap = open.base[axis] - share
            product += weight * share * open.base[axis]
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
