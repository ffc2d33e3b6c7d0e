/// Closing nodes while reopening cheaper ones, with the pods of a few others repacked on the way.
extension PackSearch {
    /// Closes, opens and repacks; all or nothing.
    ///
    /// The pods are placed from the air: each step of it need not be possible on its own, which is for the drain planner
    /// to find out, but the result holds every rule.
    mutating func exchange(close: [Int], open: [Int], shake: [Int], noise: Double, ejections: Int = 0) -> Bool {
        guard close.allSatisfy(isRemovable) else { return false }
        let mark = state.mark
        for node in open {
            state.uncordon(node)
            state.reopen(node)
        }
        let totals = state.tallies.map(\.total)
        var air: [Int] = []
        for node in close {
            air += lift(node)
            state.cordon(node)
            state.close(node)
        }
        // Evicting and taking back cost as much as looking at some nodes.
        steps.spend(10 + 8 * air.count + model.nodeCount / 4)
        for node in shake { air += lift(node) }
        if land(air, totals: totals, noise: noise, ejections: ejections), state.isSound,
            fleet.violation(state) == nil
        {
            return true
        }
        state.rollback(to: mark)
        return false
    }

    mutating func lift(_ node: Int) -> [Int] {
        let pods = state.podsOn[node].map(Int.init).filter { isFree($0) }
        for pod in pods { state.evict(pod) }
        return pods
    }

    // MARK: Search

    /// Tries exchanges until the steps are used up, the bound is reached, or nothing has come of many tries.
    mutating func improve() {
        var idle = 0
        let patience = 1000 + 1500 * candidates.count
        while !steps.isExhausted, idle < patience, cost > floor {
            steps.spend(1)
            idle = improveOnce() ? 0 : idle + 1
            state.forgetJournal()
            if idle % Self.untangling == Self.untangling - 1, !isLarge { returnToPlan() }
        }
    }

    /// Tries after which the repacking that led nowhere is forgotten.
    private static let untangling = 150

    private mutating func improveOnce() -> Bool {
        let alive = candidates.filter { state.isAlive[$0] }
        guard !alive.isEmpty else { return false }
        let close = nodesToClose(alive)
        guard let open = nodesToOpen(for: close) else { return false }
        let mark = state.mark
        // Some tries repack some nodes at once, others push pods about until all have a place: as many steps for each.
        let isGuided = effort.guided <= effort.plain
        let before = steps.used
        defer {
            if isGuided { effort.guided += steps.used - before } else { effort.plain += steps.used - before }
        }
        let shake = isGuided ? [] : neighbours(excluding: close)
        let ejections = isGuided ? Self.ejections[random.below(Self.ejections.count)] : 0
        if exchange(close: close, open: open, shake: shake, noise: 0.5, ejections: ejections) {
            if isLarge || settle(isPartial: false) { return true }
            state.rollback(to: mark)
        }
        concentrate(shake)
        return false
    }

    private static let ejections = [4, 8, 16, 32, 64, 128, 256]

    /// Repacks a few nodes so that room gathers in one place instead of lying about in pieces.
    private mutating func concentrate(_ shake: [Int]) {
        guard shake.count > 1 else { return }
        let mark = state.mark
        let before = shake.reduce(0.0) { $0 + load($1) * load($1) }
        guard exchange(close: [], open: [], shake: shake, noise: 0.8) else { return }
        // Pods may have left for other nodes too: what matters is that the shaken ones are no more even than before.
        let after = shake.reduce(0.0) { $0 + load($1) * load($1) }
        if after < before * 0.999 { state.rollback(to: mark) }
    }
}
