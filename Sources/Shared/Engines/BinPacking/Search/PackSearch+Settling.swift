/// Making sure that what was found can be reached one allowed step at a time.
extension PackSearch {
    /// Plans the way to the state and takes over where that way ends: needless moves are gone then.
    ///
    /// - Parameter isPartial: A plan that leaves some of the nodes is welcome too.
    /// - Returns: Whether the state is now one that a plan leads to.
    mutating func settle(isPartial: Bool) -> Bool {
        var best: DrainPlan?
        // Emptying node after node takes long where there are many, and seldom does better.
        for strategy in DrainPlanner.Strategy.allCases where best == nil || !isLarge {
            guard let found = plan(to: state, nil, strategy) else { continue }
            if isBetter(found, than: best) { best = found }
            if found.abandoned.isEmpty { break }
        }
        guard let best, isPartial || best.abandoned.isEmpty else { return false }
        offer(best)
        state = best.end
        state.forgetJournal()
        return true
    }

    /// Keeps the plan when it is the best so far.
    mutating func offer(_ found: DrainPlan) {
        if isBetter(found, than: plan) { plan = found }
    }

    /// Back to where the best plan leads, when that is no dearer than the state.
    mutating func returnToPlan() {
        guard let plan, cost(plan.end) <= cost else { return }
        state = plan.end
        state.forgetJournal()
    }

    /// A plan whose end holds every rule; nothing when there is none.
    mutating func plan(
        to end: Placement,
        _ replacement: Replacement?,
        _ strategy: DrainPlanner.Strategy
    ) -> DrainPlan? {
        let room = replacement.map { (slot: $0.slot, room: $0.room) }
        let found = DrainPlanner.plan(from: start, to: end, replacement: room, strategy, options)
        // A plan looks at each of its moves a few times, and goes over all nodes and pods once.
        steps.spend(model.pods.count + model.nodes.count + 10 * (found?.moves.count ?? 0))
        guard let found, found.end.brokenAffinity == 0, found.end.isSpread, fleet.violation(found.end) == nil else {
            return nil
        }
        return found
    }

    private func isBetter(_ plan: DrainPlan, than other: DrainPlan?) -> Bool {
        guard let other else { return true }
        let places = [plan, other].map { placedPending($0.end) }
        if places[0] != places[1] { return places[0] > places[1] }
        let left = (cost(plan.end), plan.abandoned.count, plan.moves.count)
        return left < (cost(other.end), other.abandoned.count, other.moves.count)
    }

    /// Waiting pods that have a place: none is dropped for the sake of a saving.
    private func placedPending(_ end: Placement) -> Int {
        model.pods.indices.count { model.pods[$0].role == .pending && end.nodeOf[$0] >= 0 }
    }
}
