/// Explores every interleaving of a small world, breadth first, so that a counterexample is a shortest one.
package struct ModelChecker {
    /// What an exploration found.
    package struct Verdict: Sendable {
        package var states = 0
        package var steps = 0
        /// The longest shortest way to a state.
        package var depth = 0
        package var broken: Invariant?
        /// How it came to that, in words, shortest way first to last.
        package var trace: [String] = []
        /// False when the exploration stopped at its limit.
        package var isComplete = true
    }

    private let world: CheckedWorld
    private let limit: Int
    private var table = StateTable()
    private var parents: [Int32] = []
    private var actions: [Action] = []
    private var isGood: [Bool] = []
    // Steps that can be counted on: for the question whether a good end stays in reach.
    private var sources: [Int32] = []
    private var targets: [Int32] = []

    /// - Parameter limit: The most states to look at.
    package init(_ world: CheckedWorld, limit: Int = 5_000_000) {
        self.world = world
        self.limit = limit
    }

    package mutating func run() -> Verdict {
        var verdict = Verdict()
        let first = ProtocolState(world)
        _ = admit(first, from: -1, by: Action(kind: .tick))
        var frontier = [first]
        var firstIndex = 0
        while !frontier.isEmpty {
            var next: [ProtocolState] = []
            for place in 0..<frontier.count {
                let from = firstIndex + place
                for action in frontier[place].enabled() {
                    var state = frontier[place]
                    state.take(action)
                    verdict.steps += 1
                    if let broken = state.oracle.broken {
                        verdict.states = table.count
                        verdict.broken = broken.invariant
                        verdict.trace = story(of: path(to: from) + [action])
                        return verdict
                    }
                    if admit(state, from: from, by: action) { next.append(state) }
                }
            }
            firstIndex += frontier.count
            frontier = next
            verdict.depth += 1
            if table.count > limit {
                verdict.isComplete = false
                break
            }
        }
        verdict.states = table.count
        if verdict.isComplete { findDeadEnd(&verdict) }
        return verdict
    }

    /// Numbers a state if it is new; new states of one depth come in the order of the next frontier.
    private mutating func admit(_ state: ProtocolState, from parent: Int, by action: Action) -> Bool {
        let (index, isNew) = table.insert(state.fingerprint())
        if parent >= 0, action.isReliable, index != parent {
            sources.append(Int32(parent))
            targets.append(Int32(index))
        }
        if isNew {
            parents.append(Int32(parent))
            actions.append(action)
            isGood.append(state.isGoodEnd)
        }
        return isNew
    }

    /// Looks, backwards from the good ends, for a state from which none can be reached by steps that can be counted on.
    private func findDeadEnd(_ verdict: inout Verdict) {
        // Steps by target: where each target's list begins, then the lists.
        var begins = [Int32](repeating: 0, count: table.count + 1)
        for step in 0..<targets.count { begins[Int(targets[step]) + 1] += 1 }
        for state in 0..<table.count { begins[state + 1] += begins[state] }
        var filled = begins
        var lists = [Int32](repeating: 0, count: targets.count)
        for step in 0..<targets.count {
            let target = Int(targets[step])
            lists[Int(filled[target])] = sources[step]
            filled[target] += 1
        }
        var isHopeful = isGood
        var open: [Int32] = []
        for state in 0..<table.count where isGood[state] { open.append(Int32(state)) }
        while let state = open.popLast() {
            for place in begins[Int(state)]..<begins[Int(state) + 1] {
                let source = Int(lists[Int(place)])
                if isHopeful[source] { continue }
                isHopeful[source] = true
                open.append(Int32(source))
            }
        }
        for state in 0..<table.count where !isHopeful[state] {
            verdict.broken = .neverEnds
            verdict.trace = story(of: path(to: state))
            return
        }
    }

    private func path(to state: Int) -> [Action] {
        var path: [Action] = []
        var state = state
        while parents[state] >= 0 {
            path.append(actions[state])
            state = Int(parents[state])
        }
        return path.reversed()
    }

    /// Walks a path once more, to say what happens at each step.
    private func story(of path: [Action]) -> [String] {
        var state = ProtocolState(world)
        return path.map { action in
            let words = action.words(in: state)
            state.take(action)
            return words
        }
    }
}
