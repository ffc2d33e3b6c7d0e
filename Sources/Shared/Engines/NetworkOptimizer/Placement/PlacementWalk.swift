/// A random walk over placements that accepts losses up to a threshold which falls to zero.
///
/// The walk may put more into a zone than fits: what is missing counts as a loss, at a price that rises while the walk
/// stays where nothing fits and falls while it stays where everything does. Where zones are nearly full, one big pod can
/// then change places with several small ones. Only placements in which everything fits are kept.
struct PlacementWalk {
    private let problem: PlacementProblem
    private var sequence: UInt64
    /// What one unit of each part of a missing demand counts, before its price.
    private let scale: (millicores: Double, mebibytes: Double, slots: Double)
    /// Micro-gigabytes a day for missing the demand of one average pod.
    private var price: Double
    private var missing = 0.0
    private var best: (cost: Int64, moved: Int, zones: [Int])?

    init(_ problem: PlacementProblem, seed: UInt64) {
        self.problem = problem
        sequence = seed
        price = 0
        func mean(_ part: (PodDemand) -> Int64) -> Double {
            let sum = problem.free.reduce(0.0) { $0 + Double(part(problem.pods[$1].demand)) }
            return sum / Double(max(1, problem.free.count))
        }
        func inverse(_ value: Double) -> Double { value > 0 ? 1 / value : 0 }
        scale = (inverse(mean(\.millicores)), inverse(mean(\.mebibytes)), inverse(mean(\.slots)))
    }

    /// Walks, and ends at the best placement it has met in which everything fits.
    ///
    /// - Parameters:
    ///   - state: Where to begin.
    ///   - steps: Proposals.
    ///   - heat: The largest loss accepted at first, in micro-gigabytes a day.
    ///   - levels: In how many stages the threshold falls.
    mutating func run(_ state: inout PlacementState, steps: Int, heat: Double, levels: Int) {
        guard !problem.free.isEmpty, problem.zoneCount > 1, heat > 0 else { return }
        missing = (0..<problem.zoneCount).reduce(0) { $0 + shortage(state.room(in: $1), $1) }
        best = (state.cost, state.moved, state.zones)
        price = heat * 4
        for level in 0..<levels {
            let left = Double(levels - level) / Double(levels)
            let threshold = heat * left * left
            var fitting = 0
            for _ in 0..<(steps / levels) {
                propose(&state, threshold)
                if missing <= Self.nothing {
                    fitting += 1
                    keep(state)
                }
            }
            // Near the border of what fits the best placements lie: a third of the time on the right side of it.
            price *= fitting * 3 < steps / levels ? 1.3 : 0.85
            price = min(max(price, threshold), heat * 1000)
        }
        guard let best else { return }
        for pod in problem.free { state.apply(.init(pod: pod, zone: best.zones[pod])) }
    }

    /// Rounding leaves traces of what has been added and taken away again.
    private static let nothing = 1e-6

    private mutating func keep(_ state: PlacementState) {
        guard let known = best, (state.cost, state.moved) < (known.cost, known.moved),
            // The sum is of rounded numbers; whether everything fits is decided by whole ones.
            (0..<problem.zoneCount).allSatisfy({ state.room(in: $0).covers(problem.floor[$0]) })
        else { return }
        best = (state.cost, state.moved, state.zones)
    }

    private mutating func propose(_ state: inout PlacementState, _ threshold: Double) {
        let pod = problem.free[pick(problem.free.count)]
        let zone = pick(problem.zoneCount)
        let move = PlacementState.Move(pod: pod, zone: zone)
        guard zone != state.zones[pod], problem.pods[pod].allowed.contains(zone) else { return }
        if state.allowsBesideRoom(move) {
            let change = shortageChange(move, state)
            if Double(state.gain(pod, to: zone)) - price * change >= -threshold {
                state.apply(move)
                missing += change
                return
            }
        }
        // Not alone: together with somebody who leaves that zone, or who goes home.
        let other = problem.free[pick(problem.free.count)]
        guard other != pod else { return }
        let home = problem.pods[other].zone
        let isThere = state.zones[other] == zone
        guard isThere || state.zones[other] != home else { return }
        let partner = PlacementState.Move(pod: other, zone: isThere ? state.zones[pod] : home)
        guard state.allowsBesideRoom(move, partner) else { return }
        let change = shortageChange(move, partner, state)
        guard Double(state.gain(move, partner)) - price * change >= -threshold else { return }
        state.apply(move)
        state.apply(partner)
        missing += change
    }

    // MARK: Room

    private func shortageChange(_ move: PlacementState.Move, _ state: PlacementState) -> Double {
        let demand = problem.pods[move.pod].demand
        let from = state.zones[move.pod]
        let (left, entered) = (state.room(in: from), state.room(in: move.zone))
        return shortage(left + demand, from) - shortage(left, from) + shortage(entered - demand, move.zone)
            - shortage(entered, move.zone)
    }

    private func shortageChange(
        _ first: PlacementState.Move,
        _ second: PlacementState.Move,
        _ state: PlacementState
    ) -> Double {
        let (one, two) = (problem.pods[first.pod].demand, problem.pods[second.pod].demand)
        let (from, other) = (state.zones[first.pod], state.zones[second.pod])
        func change(_ zone: Int) -> Double {
            let before = state.room(in: zone)
            var after = before
            if zone == from { after = after + one }
            if zone == first.zone { after = after - one }
            if zone == other { after = after + two }
            if zone == second.zone { after = after - two }
            return shortage(after, zone) - shortage(before, zone)
        }
        var sum = change(from) + change(first.zone)
        if other != from, other != first.zone { sum += change(other) }
        if second.zone != from, second.zone != first.zone, second.zone != other { sum += change(second.zone) }
        return sum
    }

    private func shortage(_ room: PodDemand, _ zone: Int) -> Double {
        let floor = problem.floor[zone]
        return Double(max(0, floor.millicores - room.millicores)) * scale.millicores
            + Double(max(0, floor.mebibytes - room.mebibytes)) * scale.mebibytes
            + Double(max(0, floor.slots - room.slots)) * scale.slots
    }

    private mutating func pick(_ bound: Int) -> Int {
        sequence &+= 0x9E37_79B9_7F4A_7C15
        var mixed = sequence
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Int(mixed.multipliedFullWidth(by: UInt64(bound)).high)
    }
}
