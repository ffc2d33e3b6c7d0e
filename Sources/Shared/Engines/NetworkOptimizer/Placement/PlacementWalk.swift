/// A random walk over placements that accepts losses up to a threshold which falls to zero.
struct PlacementWalk {
    private let problem: PlacementProblem
    private var sequence: UInt64

    init(_ problem: PlacementProblem, seed: UInt64) {
        self.problem = problem
        sequence = seed
    }

    /// - Parameters:
    ///   - state: Where to begin; ends as the last placement of the walk.
    ///   - steps: Proposals.
    ///   - heat: The largest loss accepted at first, in micro-gigabytes a day.
    ///   - levels: In how many stages the threshold falls.
    mutating func run(_ state: inout PlacementState, steps: Int, heat: Double, levels: Int) {
        guard !problem.free.isEmpty, problem.zoneCount > 1, heat > 0 else { return }
        for level in 0..<levels {
            let left = Double(levels - level) / Double(levels)
            let threshold = Int64(exactly: (heat * left * left).rounded()) ?? 0
            for _ in 0..<(steps / levels) { propose(&state, threshold) }
        }
    }

    private mutating func propose(_ state: inout PlacementState, _ threshold: Int64) {
        let pod = problem.free[pick(problem.free.count)]
        let zone = pick(problem.zoneCount)
        let move = PlacementState.Move(pod: pod, zone: zone)
        guard zone != state.zones[pod], problem.pods[pod].allowed.contains(zone) else { return }
        if state.allows(move) {
            if state.gain(pod, to: zone) >= -threshold { state.apply(move) }
            return
        }
        // No room alone: together with somebody who leaves that zone, or who goes home.
        let other = problem.free[pick(problem.free.count)]
        guard other != pod else { return }
        let home = problem.pods[other].zone
        let isThere = state.zones[other] == zone
        guard isThere || state.zones[other] != home else { return }
        let partner = PlacementState.Move(pod: other, zone: isThere ? state.zones[pod] : home)
        guard state.gain(move, partner) >= -threshold, state.allows(move, partner) else { return }
        state.apply(move)
        state.apply(partner)
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
