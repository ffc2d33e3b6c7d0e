/// The moves of a placement in an order in which each finds room, as far as there is one.
enum MoveOrder {
    struct Step: Sendable, Hashable {
        var pod: Int
        var from: Int
        var to: Int
        /// Micro-gigabytes a day this move saves after those before it; negative when it makes room for another.
        var saved: Int64
        /// It has room only together with others: one of them must leave first or start a second time.
        var needsExchange: Bool
    }

    /// Sweeps over what is left, in the order of pods: a bounded number, since each takes at least one move.
    private static let sweeps = 200

    static func steps(_ problem: PlacementProblem, to zones: [Int]) -> [Step] {
        var state = PlacementState(problem)
        var left = problem.free.filter { zones[$0] != problem.pods[$0].zone }
        var steps: [Step] = []
        func take(_ pod: Int, needsExchange: Bool) {
            let saved = state.gain(pod, to: zones[pod])
            let from = state.apply(.init(pod: pod, zone: zones[pod]))
            steps.append(Step(pod: pod, from: from, to: zones[pod], saved: saved, needsExchange: needsExchange))
        }
        for _ in 0..<sweeps where !left.isEmpty {
            var rest: [Int] = []
            for pod in left {
                if state.allows(.init(pod: pod, zone: zones[pod])) {
                    take(pod, needsExchange: false)
                } else {
                    rest.append(pod)
                }
            }
            // A circle: the first of those left goes on credit, and the sweep begins again.
            if rest.count == left.count { take(rest.removeFirst(), needsExchange: true) }
            left = rest
        }
        for pod in left { take(pod, needsExchange: true) }
        return steps
    }
}
