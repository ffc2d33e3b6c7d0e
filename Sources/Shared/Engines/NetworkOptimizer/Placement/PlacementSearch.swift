/// Looks for the placement with the least traffic between zones, within a counted number of steps.
///
/// Descent from today's placement first; then several starts, each shaken by random moves and exchanges whose losses are
/// limited by a falling threshold, and improved by descent again. Few free pods are decided exactly. The random numbers
/// come from a seed, the effort is counted in steps: no clock takes part.
package struct PlacementSearch {
    /// Free pods up to which the exact search is meant to finish.
    package static let exactPods = 20
    /// Beyond this the exact search has no chance and is not begun.
    private static let exactAttempt = 40
    private static let starts = 8
    private static let levels = 48

    package struct Outcome: Sendable {
        /// Zone of each pod.
        package var zones: [Int]
        /// Micro-gigabytes a day that cross.
        package var crossing: Int64
        package var moved: Int
        /// No placement that keeps the rules has less.
        package var lowerBound: Int64
        /// Nothing better exists.
        package var isOptimal: Bool
        package var steps: Int
    }

    private let problem: PlacementProblem
    private let seed: UInt64
    private let budget: Int

    /// - Parameters:
    ///   - problem: What to place.
    ///   - seed: Derived from the content, so that the same content gives the same plan.
    ///   - steps: Looks at a pod, a pair or a branch; about seven million a second.
    package init(_ problem: PlacementProblem, seed: UInt64, steps: Int) {
        self.problem = problem
        self.seed = seed
        budget = max(0, steps)
    }

    package func run() -> Outcome {
        var left = budget
        var descent = PlacementDescent(problem)
        var state = PlacementState(problem)
        var share = left / 2
        spend(&left, &share) { descent.improve(&state, &$0) }
        var best = Best(state)
        let bound = PlacementBound.lower(problem)
        var outcome = Outcome(
            zones: [],
            crossing: 0,
            moved: 0,
            lowerBound: bound,
            isOptimal: best.cost <= bound,
            steps: 0
        )
        if !outcome.isOptimal, problem.free.count <= Self.exactPods {
            var share = left / 2
            spend(&left, &share) { exact(&best, &$0, &outcome) }
        }
        if !outcome.isOptimal, !problem.free.isEmpty {
            let isSmall = problem.free.count <= Self.exactAttempt
            shakes(&best, &left, of: isSmall ? left / 2 : left, bound)
            outcome.isOptimal = best.cost <= outcome.lowerBound
            if !outcome.isOptimal, isSmall { exact(&best, &left, &outcome) }
        }
        outcome.zones = best.zones
        outcome.crossing = best.cost
        outcome.moved = best.moved
        outcome.lowerBound = outcome.isOptimal ? best.cost : min(outcome.lowerBound, best.cost)
        outcome.steps = budget - max(0, left)
        return outcome
    }

    private func spend(_ left: inout Int, _ share: inout Int, _ body: (inout Int) -> Void) {
        let given = share
        body(&share)
        left -= given - share
    }

    // MARK: Starts

    private func shakes(_ best: inout Best, _ left: inout Int, of steps: Int, _ bound: Int64) {
        let starts = problem.free.count <= 400 ? Self.starts : 2
        let weights = problem.free.map { pod in problem.neighbours(of: pod).reduce(Int64(0)) { $0 + $1.weight } }
        let mean = weights.reduce(0) { $0 + Double($1) } / Double(max(1, weights.count))
        for start in 0..<starts where best.cost > bound && left > 0 {
            var share = steps / starts
            var state = PlacementState(problem)
            if start % 2 == 1 {
                for (pod, zone) in best.zones.enumerated() { state.apply(.init(pod: pod, zone: zone)) }
            }
            let heat = mean * [0.5, 0.15, 1, 0.3][start % 4]
            var walk = PlacementWalk(problem, seed: seed &+ UInt64(start) &* 0x9E37_79B9_7F4A_7C15)
            let walking = share * 3 / 4
            walk.run(&state, steps: walking, heat: heat, levels: Self.levels)
            left -= walking
            share -= walking
            var descent = PlacementDescent(problem)
            spend(&left, &share) { descent.improve(&state, &$0) }
            best.take(state)
        }
    }

    private func exact(_ best: inout Best, _ left: inout Int, _ outcome: inout Outcome) {
        var search = PlacementExact(problem, below: best.cost, steps: left)
        let found = search.run()
        left = search.left
        outcome.lowerBound = max(outcome.lowerBound, search.lowerBound)
        outcome.isOptimal = outcome.isOptimal || search.isFinished
        guard let found else { return }
        var state = PlacementState(problem)
        for (pod, zone) in found.enumerated() { state.apply(.init(pod: pod, zone: zone)) }
        var descent = PlacementDescent(problem)
        var few = 200_000  // only to send home who need not have moved
        descent.improve(&state, &few)
        best.take(state)
    }

    /// The best placement so far: least traffic, then fewest moves, then the first in the order of zones.
    private struct Best {
        var zones: [Int]
        var cost: Int64
        var moved: Int

        init(_ state: PlacementState) {
            (zones, cost, moved) = (state.zones, state.cost, state.moved)
        }

        mutating func take(_ state: PlacementState) {
            guard (state.cost, state.moved) <= (cost, moved) else { return }
            if (state.cost, state.moved) == (cost, moved), !state.zones.lexicographicallyPrecedes(zones) { return }
            self = Best(state)
        }
    }
}
