/// Starting from the packing without terms: it says which nodes go well together, and is repaired to hold the terms.
extension PackSearch {
    /// Ejections while one set of nodes is tried: what a sixteenth of all steps is enough for.
    private var mostEjections: Int {
        max(8, steps.limit / 16 / (45 * max(1, min(model.nodeCount, Self.mostNodesLookedAt))))
    }

    /// Brings the state to a packing near the relaxed one; where that cannot be, more and more nodes stay.
    ///
    /// - Parameters:
    ///   - goal: The relaxed packing on the nodes.
    ///   - relaxed: What it is a packing of.
    ///   - limit: States that cost as much are of no use.
    /// - Returns: Whether the state is a new one now.
    mutating func adopt(_ goal: RelaxedGoal, _ relaxed: RelaxedProblem, below limit: Int64) -> Bool {
        let before = state
        let alive = candidates.filter { state.isAlive[$0] }
        let used = alive.filter { goal.used.contains($0) }
        let spare = alive.filter { !goal.used.contains($0) }.sorted { left, right in
            let ratios = (price(perRoomOf: left), price(perRoomOf: right))
            return ratios.0 == ratios.1 ? left < right : ratios.0 < ratios.1
        }
        // Doubled, because each try takes its share of the steps; what is needless goes afterwards.
        let grown = [used] + (0..<16).map { 1 << $0 }.filter { $0 <= spare.count }.map { used + spare.prefix($0) }
        guard reach(goal, relaxed, anyOf: grown, alive, below: limit) else { return false }
        // Between the packing's own nodes and one more lie those traded for dearer ones.
        let found = state
        let trades = trades(used, spare)
        let traded = Self.growing(to: trades.count).map { count in
            let gone = Set(trades.prefix(count).map(\.old))
            return used.filter { !gone.contains($0) } + trades.prefix(count).map(\.new)
        }
        state = before
        if !reach(goal, relaxed, anyOf: traded, alive, below: cost(found)) { state = found }
        return true
    }

    /// The first of the sets of nodes that holds all pods; they are in the order of their cost.
    private mutating func reach(
        _ goal: RelaxedGoal,
        _ relaxed: RelaxedProblem,
        anyOf sets: [[Int]],
        _ alive: [Int],
        below limit: Int64
    ) -> Bool {
        let most = steps.used + steps.limit / 3
        for set in sets where steps.used < most && !steps.isExhausted {
            guard set.reduce(Int64(0), { $0 + (model.nodes[$1].price ?? 0) }) < limit else { return false }
            let kept = Set(set)
            if reach(goal, relaxed, close: alive.filter { !kept.contains($0) }) { return true }
        }
        return false
    }

    private static func growing(to most: Int) -> [Int] {
        var counts: [Int] = []
        var count = 1
        while count <= most {
            counts.append(count)
            count = count < 4 ? count + 1 : count + count / 2
        }
        return counts
    }

    /// Pairs of a node in use and a spare one of the next higher price.
    private func trades(_ used: [Int], _ spare: [Int]) -> [(old: Int, new: Int)] {
        var least: (old: Int64, new: Int64)?
        for old in Set(used.map { model.nodes[$0].price ?? 0 }).sorted() {
            for new in Set(spare.map { model.nodes[$0].price ?? 0 }).sorted() where new > old {
                if new - old < least.map({ $0.new - $0.old }) ?? .max { least = (old, new) }
            }
        }
        guard let least else { return [] }
        let old = used.filter { model.nodes[$0].price ?? 0 == least.old }
        let new = spare.filter { model.nodes[$0].price ?? 0 == least.new }
        return zip(old, new).map { (old: $0, new: $1) }
    }

    private func price(perRoomOf node: Int) -> Double {
        let base = node * model.dimensions
        let room = (0..<model.dimensions).reduce(0.0) { $0 + Double(model.limit[base + $1]) * weights[$1] }
        return Double(model.nodes[node].price ?? 0) / max(room, .leastNonzeroMagnitude)
    }

    /// All or nothing.
    private mutating func reach(_ goal: RelaxedGoal, _ relaxed: RelaxedProblem, close: [Int]) -> Bool {
        guard close.allSatisfy(isRemovable) else { return false }
        let mark = state.mark
        let totals = state.tallies.map(\.total)
        var air: [Int] = []
        for node in close {
            air += lift(node)
            state.cordon(node)
            state.close(node)
        }
        var open: [Int: [(node: Int, count: Int)]] = [:]
        for node in goal.used.sorted() where state.isAlive[node] { air += liftExcess(node, goal, relaxed, &open) }
        let rest = follow(air, relaxed, totals, &open)
        steps.spend(air.count)
        let ejections = mostEjections
        if land(rest, totals: totals, noise: 0, ejections: ejections), state.isSound, fleet.violation(state) == nil {
            state.forgetJournal()
            return true
        }
        state.rollback(to: mark)
        return false
    }

    /// Takes the pods off the node that the goal has elsewhere, and notes what it has here and is not here yet.
    private mutating func liftExcess(
        _ node: Int,
        _ goal: RelaxedGoal,
        _ relaxed: RelaxedProblem,
        _ open: inout [Int: [(node: Int, count: Int)]]
    ) -> [Int] {
        var left = goal.contents[node] ?? [:]
        var air: [Int] = []
        for pod in movable(on: node) {
            let item = relaxed.itemOf[pod]
            if left[item, default: 0] > 0 {
                left[item, default: 0] -= 1
            } else {
                state.evict(pod)
                air.append(pod)
            }
        }
        for item in left.keys.sorted() {
            guard let count = left[item], count > 0 else { continue }
            open[item, default: []].append((node, count))
        }
        return air
    }

    /// Binds pods where the goal has one of their kind, if the terms allow it.
    ///
    /// - Returns: The pods that are still in the air.
    private mutating func follow(
        _ air: [Int],
        _ relaxed: RelaxedProblem,
        _ totals: [Int],
        _ open: inout [Int: [(node: Int, count: Int)]]
    ) -> [Int] {
        var rest: [Int] = []
        // Those with terms have fewer choices.
        let order = air.sorted { left, right in
            let terms = [left, right].map { model.classes[model.pods[$0].podClass].hasTerms }
            return terms[0] == terms[1] ? left < right : terms[0]
        }
        for pod in order {
            let podClass = model.pods[pod].podClass
            let item = relaxed.itemOf[pod]
            let places = open[item] ?? []
            steps.spend(1)
            let place = places.firstIndex { goal in
                goal.count > 0 && state.open.contains(goal.node) && state.hasRoom(podClass, goal.node)
                    && isAllowed(podClass, goal.node, totals)
            }
            guard let place else {
                rest.append(pod)
                continue
            }
            state.bind(pod, places[place].node)
            open[item]?[place].count -= 1
            if places[place].count == 1 { open[item]?.remove(at: place) }
        }
        return rest
    }
}
