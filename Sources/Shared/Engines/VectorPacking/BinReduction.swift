/// Makes a packing cheaper by closing one bin after the other, or trading it for a cheaper one, and finding room for its
/// items elsewhere.
struct BinReduction {
    private let instance: PackingInstance
    private let sizes: NormalSizes
    private let meter: StepMeter
    private let pool: PatternPool
    private var random: SearchRandom
    private let state: UnitState
    private let best: UnitState
    /// Bins of each class not in use.
    private var left: [Int64]
    /// Groups that were not broken up, because there are too many items for moves of single ones.
    private var untouched: [PackingDraft.Group] = []
    private var outside: [Int] = []
    private var openCost: Int64 = 0
    private let wasOutside: Range<Int>

    /// Single items that a search looks at; with more of them the emptiest bins are taken.
    private static let mostUnits = 3_000

    /// The cheapest packing found; never worse than the one given.
    ///
    /// It stops at the bound.
    static func improved(
        _ draft: PackingDraft,
        _ instance: PackingInstance,
        bound: Int64,
        pool: PatternPool,
        meter: StepMeter
    ) -> PackingDraft {
        guard !draft.groups.isEmpty, !meter.isExhausted else { return draft }
        var reduction = BinReduction(instance, draft, pool, meter)
        reduction.run(bound: bound)
        let found = reduction.draft(unplaced: draft.unplaced)
        return found.isBetter(than: draft, in: instance) ? found : draft
    }

    private init(
        _ instance: PackingInstance,
        _ draft: PackingDraft,
        _ pool: PatternPool,
        _ meter: StepMeter
    ) {
        self.pool = pool
        self.instance = instance
        self.meter = meter
        sizes = NormalSizes(instance)
        random = SearchRandom(instance)
        left = draft.left(instance)
        let (broken, kept) = Self.split(draft, instance)
        untouched = kept
        var units: [Int] = []
        var bins: [(kind: Int, units: [Int])] = []
        for group in broken {
            for _ in 0..<group.multiplicity {
                var members: [Int] = []
                for content in group.contents {
                    for _ in 0..<content.count {
                        members.append(units.count)
                        units.append(content.item)
                    }
                }
                bins.append((group.bin, members))
            }
        }
        let inside = units.count
        for item in 0..<instance.items {
            for _ in 0..<min(draft.unplaced[item], Int64(max(0, Self.mostUnits - units.count))) {
                outside.append(units.count)
                units.append(item)
            }
        }
        wasOutside = inside..<units.count
        let places = bins.count + 1 + (outside.isEmpty ? 0 : Self.spare(left, outside.count))
        state = UnitState(instance, units: units, bins: places)
        best = UnitState(instance, units: units, bins: places)
        for (place, bin) in bins.enumerated() {
            state.open(place, as: bin.kind)
            for unit in bin.units { state.put(unit, place) }
            openCost = openCost.saturatingAdd(instance.costs[bin.kind])
        }
        best.copy(from: state)
    }

    private static func spare(_ left: [Int64], _ most: Int) -> Int {
        Int(min(Int64(most), left.reduce(Int64(0)) { $0.saturatingAdd($1) }))
    }

    /// The emptiest bins for the search, as many as it can look at, and the others.
    private static func split(
        _ draft: PackingDraft,
        _ instance: PackingInstance
    ) -> ([PackingDraft.Group], [PackingDraft.Group]) {
        func fullness(_ group: PackingDraft.Group) -> Double {
            var sum = 0.0
            for (room, capacity) in zip(group.room, instance.capacity(group.bin)) {
                sum += 1 - Double(room) / Double(max(1, capacity))
            }
            return sum
        }
        let order = draft.groups.enumerated().map { ($0.offset, fullness($0.element), $0.element) }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        var broken: [PackingDraft.Group] = []
        var kept: [PackingDraft.Group] = []
        var room = Int64(mostUnits)
        for (_, _, group) in order {
            let each = max(1, group.contents.reduce(Int64(0)) { $0.saturatingAdd($1.count) })
            let bins = min(group.multiplicity, room / each)
            var (taken, rest) = (group, group)
            taken.multiplicity = bins
            rest.multiplicity = group.multiplicity - bins
            room -= bins * each
            if taken.multiplicity > 0 { broken.append(taken) }
            if rest.multiplicity > 0 { kept.append(rest) }
        }
        return (broken, kept)
    }

    // MARK: The search

    private mutating func run(bound: Int64) {
        let fixedCost = untouched.reduce(Int64(0)) {
            $0.saturatingAdd(instance.costs[$1.bin].saturatingMultiply($1.multiplicity))
        }
        if !outside.isEmpty {
            placeOutside()
            if !outside.isEmpty { return }
        }
        var round = 0
        while !meter.isExhausted, fixedCost.saturatingAdd(openCost) > bound {
            let trades = self.trades()
            guard !trades.isEmpty else { return }
            // One kind of bin: all of the steps for the one question whether a bin fewer will do.
            let slice = trades.count == 1 ? meter.left : max(meter.left / 16, Self.leastSlice)
            let trade = trades[round % trades.count]
            round = meter.within(slice) { attempt(trade) } ? 0 : round + 1
        }
    }

    private static let leastSlice = 200_000
    private static let tradesOfAClass = 4

    private struct Trade {
        var bin: Int
        /// Class opened instead, or -1.
        var instead: Int
        var saved: Int64
        var fullness: Double
    }

    /// What would be cheaper: with one class of bins to close the emptiest, with several every class once.
    private func trades() -> [Trade] {
        var emptiest: [Int: Trade] = [:]
        for bin in 0..<state.bins where state.classOf[bin] >= 0 {
            let kind = state.classOf[bin]
            var fullness = 0.0
            for axis in 0..<state.axes {
                let capacity = Double(max(1, state.capacity[kind * state.axes + axis]))
                fullness += 1 - Double(state.room[bin * state.axes + axis]) / capacity
            }
            if let known = emptiest[kind], known.fullness <= fullness { continue }
            emptiest[kind] = Trade(bin: bin, instead: -1, saved: instance.costs[kind], fullness: fullness)
        }
        meter.spend(state.bins * state.axes + instance.bins * emptiest.count)
        let dearest = (0..<instance.bins).sorted { (-instance.costs[$0], $0) < (-instance.costs[$1], $1) }
        var trades: [Trade] = []
        for kind in emptiest.keys.sorted() {
            guard let close = emptiest[kind], close.saved > 0 else { continue }
            trades.append(close)
            let cheaper = dearest.lazy.filter { left[$0] > 0 && instance.costs[$0] < instance.costs[kind] }
            for other in cheaper.prefix(Self.tradesOfAClass) {
                var trade = close
                trade.instead = other
                trade.saved -= instance.costs[other]
                trades.append(trade)
            }
        }
        // What saves little is the likeliest to be found.
        return trades.sorted { ($0.saved, $0.bin, $0.instead) < ($1.saved, $1.bin, $1.instead) }
    }

    private mutating func attempt(_ trade: Trade) -> Bool {
        let kind = state.classOf[trade.bin]
        let units = state.close(trade.bin)
        if trade.instead >= 0 { state.open(trade.bin, as: trade.instead) }
        let search = EjectionSearch(state, sizes: sizes, random: random, pool: pool, meter: meter)
        _ = random.next()
        guard search.place(units) else {
            state.copy(from: best)
            return false
        }
        best.copy(from: state)
        if left[kind] != .max { left[kind] += 1 }
        if trade.instead >= 0, left[trade.instead] != .max { left[trade.instead] -= 1 }
        openCost -= trade.saved
        return true
    }

    /// Opens every bin there is for the items without a place; bins that stay empty are closed again.
    private mutating func placeOutside() {
        var place = 0
        for kind in (0..<instance.bins).sorted(by: { (instance.costs[$0], $0) < (instance.costs[$1], $1) }) {
            while left[kind] > 0 {
                while place < state.bins, state.classOf[place] >= 0 { place += 1 }
                guard place < state.bins - 1 else { break }
                state.open(place, as: kind)
                if left[kind] != .max { left[kind] -= 1 }
            }
        }
        let search = EjectionSearch(state, sizes: sizes, random: random, pool: pool, meter: meter)
        guard meter.within(meter.left / 2, { search.place(outside) }) else {
            state.copy(from: best)
            return
        }
        outside = []
        openCost = 0
        for bin in 0..<state.bins where state.classOf[bin] >= 0 {
            let kind = state.classOf[bin]
            if state.head[bin] < 0 {
                state.classOf[bin] = -1
                if left[kind] != .max { left[kind] += 1 }
            } else {
                openCost = openCost.saturatingAdd(instance.costs[kind])
            }
        }
        best.copy(from: state)
    }

    // MARK: The result

    private func draft(unplaced before: [Int64]) -> PackingDraft {
        var draft = PackingDraft(unplaced: before)
        for unit in 0..<best.units where wasOutside.contains(unit) && best.binOf[unit] >= 0 {
            draft.unplaced[best.itemOf[unit]] -= 1
        }
        draft.groups = untouched
        for bin in 0..<best.bins where best.classOf[bin] >= 0 && best.head[bin] >= 0 {
            let kind = best.classOf[bin]
            var counts: [Int: Int64] = [:]
            for unit in best.members(bin) { counts[best.itemOf[unit], default: 0] += 1 }
            draft.groups.append(
                .init(
                    bin: kind,
                    contents: counts.sorted { $0.key < $1.key }.map { .init(item: $0.key, count: $0.value) },
                    room: (0..<best.axes).map { best.room[bin * best.axes + $0] },
                    multiplicity: 1
                )
            )
        }
        return draft
    }
}
