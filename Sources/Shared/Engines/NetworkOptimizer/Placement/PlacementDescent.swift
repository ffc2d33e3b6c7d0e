/// Improves a placement by passes in the manner of Kernighan, Lin, Fiduccia and Mattheyses.
///
/// A pass moves every free pod at most once, always the move or the exchange that saves most, even when nothing saves any
/// more, and then takes back all steps after the best point. That leads out of placements that no single move improves.
struct PlacementDescent {
    /// Blocked moves looked at for an exchange, best first, at each step of a pass.
    private static let blockedTried = 6
    /// Steps without a new best point after which a pass is given up.
    private static let patience = 60

    private let problem: PlacementProblem
    private var isLocked: [Bool]

    init(_ problem: PlacementProblem) {
        self.problem = problem
        isLocked = [Bool](repeating: false, count: problem.pods.count)
    }

    /// Passes until one brings nothing or the steps run out.
    mutating func improve(_ state: inout PlacementState, _ steps: inout Int) {
        greedy(&state, &steps)
        while steps > 0, pass(&state, &steps) {}
        retreat(&state, &steps)
    }

    // MARK: Greedy

    /// Single moves, the one that saves most first, while any saves.
    private func greedy(_ state: inout PlacementState, _ steps: inout Int) {
        var heap = CandidateHeap()
        for pod in problem.free { offer(pod, state, &heap, onlyGains: true, &steps) }
        while steps > 0, let candidate = heap.pop() {
            steps -= 1
            let (pod, zone) = (Int(candidate.pod), Int(candidate.zone))
            guard state.zones[pod] != zone, state.gain(pod, to: zone) == candidate.gain,
                state.allows(.init(pod: pod, zone: zone))
            else { continue }
            state.apply(.init(pod: pod, zone: zone))
            offer(pod, state, &heap, onlyGains: true, &steps)
            for neighbour in problem.neighbours(of: pod) where problem.freeIndex[neighbour.pod] >= 0 {
                offer(neighbour.pod, state, &heap, onlyGains: true, &steps)
            }
        }
    }

    private func offer(
        _ pod: Int,
        _ state: PlacementState,
        _ heap: inout CandidateHeap,
        onlyGains: Bool,
        _ steps: inout Int
    ) {
        for zone in 0..<problem.zoneCount where zone != state.zones[pod] && problem.pods[pod].allowed.contains(zone) {
            let gain = state.gain(pod, to: zone)
            steps -= 1
            if !onlyGains || gain > 0 { heap.push(.init(gain: gain, pod: Int32(pod), zone: Int32(zone))) }
        }
    }

    // MARK: Passes

    /// One pass; true when it saved something.
    private mutating func pass(_ state: inout PlacementState, _ steps: inout Int) -> Bool {
        for pod in problem.free { isLocked[pod] = false }
        var heap = CandidateHeap()
        for pod in problem.free { offer(pod, state, &heap, onlyGains: false, &steps) }
        let before = state.cost
        var best = before
        var log: [PlacementState.Move] = []
        var bestLength = 0
        while steps > 0, log.count - bestLength < Self.patience {
            guard let moves = next(state, &heap, &steps) else { break }
            for move in moves {
                log.append(.init(pod: move.pod, zone: state.apply(move)))
                isLocked[move.pod] = true
            }
            for move in moves {
                for neighbour in problem.neighbours(of: move.pod)
                where problem.freeIndex[neighbour.pod] >= 0 && !isLocked[neighbour.pod] {
                    offer(neighbour.pod, state, &heap, onlyGains: false, &steps)
                }
            }
            if state.cost < best {
                best = state.cost
                bestLength = log.count
            }
        }
        for move in log[bestLength...].reversed() { state.apply(move) }
        return best < before
    }

    /// The step that saves most: the best move that is allowed, or an exchange that makes room for a better one.
    private func next(
        _ state: PlacementState,
        _ heap: inout CandidateHeap,
        _ steps: inout Int
    ) -> [PlacementState.Move]? {
        var blocked: [CandidateHeap.Candidate] = []
        var single: CandidateHeap.Candidate?
        while let candidate = heap.pop() {
            steps -= 1
            let move = PlacementState.Move(pod: Int(candidate.pod), zone: Int(candidate.zone))
            guard !isLocked[move.pod], state.zones[move.pod] != move.zone,
                state.gain(move.pod, to: move.zone) == candidate.gain
            else { continue }
            if state.allows(move) {
                single = candidate
                break
            }
            blocked.append(candidate)
            if steps <= 0 { break }
        }
        var bestGain = single?.gain ?? .min
        var best: [PlacementState.Move]? = single.map { [.init(pod: Int($0.pod), zone: Int($0.zone))] }
        for candidate in blocked.prefix(Self.blockedTried) {
            let move = PlacementState.Move(pod: Int(candidate.pod), zone: Int(candidate.zone))
            guard let (partner, gain) = exchange(for: move, state, &steps), gain > bestGain else { continue }
            (best, bestGain) = ([move, partner], gain)
        }
        for candidate in blocked { heap.push(candidate) }
        // Beaten by an exchange, the single move stays on offer.
        if let single, best?.count == 2 { heap.push(single) }
        return best
    }

    /// The best other move that makes this one possible: out of its zone, or home when the moves are used up.
    private func exchange(
        for move: PlacementState.Move,
        _ state: PlacementState,
        _ steps: inout Int
    ) -> (PlacementState.Move, Int64)? {
        let from = state.zones[move.pod]
        var best: (PlacementState.Move, Int64)?
        for pod in problem.free where !isLocked[pod] && pod != move.pod {
            steps -= 1
            let home = problem.pods[pod].zone
            var partner = PlacementState.Move(pod: pod, zone: from)
            if state.zones[pod] != move.zone {
                guard state.zones[pod] != home else { continue }
                partner.zone = home
            }
            let gain = state.gain(move, partner)
            if let best, gain <= best.1 { continue }
            if state.allows(move, partner) { best = (partner, gain) }
        }
        return best
    }

    // MARK: Retreat

    /// Sends home whoever costs nothing to send home: a move that saves nothing only disturbs.
    private func retreat(_ state: inout PlacementState, _ steps: inout Int) {
        var changed = true
        while changed, steps > 0 {
            changed = false
            let away = problem.free.filter { state.zones[$0] != problem.pods[$0].zone }
            for pod in away where state.zones[pod] != problem.pods[pod].zone {
                let home = PlacementState.Move(pod: pod, zone: problem.pods[pod].zone)
                steps -= 1
                if state.gain(pod, to: home.zone) >= 0, state.allows(home) {
                    state.apply(home)
                    changed = true
                    continue
                }
                guard away.count <= Self.pairedRetreats else { continue }
                for other in away where other != pod && state.zones[other] != problem.pods[other].zone {
                    steps -= 1
                    let second = PlacementState.Move(pod: other, zone: problem.pods[other].zone)
                    // Home for one, and home or the vacant place for the other.
                    let options = [second, .init(pod: other, zone: state.zones[pod])]
                    guard
                        let option = options.first(where: {
                            state.gain(home, $0) >= 0 && state.allows(home, $0)
                        })
                    else { continue }
                    state.apply(home)
                    state.apply(option)
                    changed = true
                    break
                }
            }
        }
    }

    /// Beyond this many moved pods the pairs are too many to look at.
    private static let pairedRetreats = 400
}
