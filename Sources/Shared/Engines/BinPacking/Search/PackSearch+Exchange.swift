/// Closing nodes while reopening cheaper ones, with the pods of a few others repacked on the way.
extension PackSearch {
    /// Closes, opens and repacks; all or nothing.
    ///
    /// The pods are placed from the air: each step of it need not be possible on its own, which is for the drain planner
    /// to find out, but the result holds every rule.
    mutating func exchange(close: [Int], open: [Int], shake: [Int], noise: Double) -> Bool {
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
        for node in shake { air += lift(node) }
        if land(air, totals: totals, noise: noise), state.isSound, fleet.violation(state) == nil { return true }
        state.rollback(to: mark)
        return false
    }

    private mutating func lift(_ node: Int) -> [Int] {
        let pods = state.podsOn[node].map(Int.init).filter { isFree($0) }
        for pod in pods { state.evict(pod) }
        return pods
    }

    private mutating func land(_ air: [Int], totals: [Int], noise: Double) -> Bool {
        var left = ordered(air, noise: noise)
        while !left.isEmpty {
            var failed: [Int] = []
            for pod in left {
                let podClass = model.pods[pod].podClass
                if let node = target(podClass, loose: totals) {
                    state.bind(pod, node)
                } else if model.classes[podClass].affinity.isEmpty {
                    return false
                } else {
                    failed.append(pod)
                }
            }
            if failed.count == left.count { return false }
            left = failed
        }
        return true
    }

    /// Hard ones first; the noise makes each try another one.
    private mutating func ordered(_ pods: [Int], noise: Double) -> [Int] {
        var keyed: [(pod: Int, choices: Int, size: Double)] = []
        for pod in pods.sorted() {
            let podClass = model.pods[pod].podClass
            let factor = noise > 0 ? 1 - noise * random.unit() : 1
            keyed.append((pod, choices[podClass], sizes[podClass] * factor))
        }
        let many = model.nodeCount / 2
        return keyed.sorted { left, right in
            // A pod that few nodes suit comes first, whatever its size.
            let isPicky = (left.choices < many, right.choices < many)
            if isPicky.0 != isPicky.1 { return isPicky.0 }
            return left.size == right.size ? left.pod < right.pod : left.size > right.size
        }.map(\.pod)
    }

    // MARK: Search

    /// Tries exchanges until the steps are used up, the bound is reached, or nothing has come of many tries.
    mutating func improve() {
        var idle = 0
        let patience = 1000 + 500 * candidates.count
        while !steps.isExhausted, idle < patience, cost > floor {
            steps.spend(1)
            idle = improveOnce() ? 0 : idle + 1
            state.forgetJournal()
            if idle % Self.untangling == Self.untangling - 1 { untangle() }
        }
    }

    /// Tries after which the repacking that led nowhere is forgotten.
    private static let untangling = 150

    /// Back to the state that the best plan leads to, when it is as cheap.
    private mutating func untangle() {
        guard !isLarge, let plan, cost(plan.end) <= cost else { return }
        state = plan.end
        state.forgetJournal()
    }

    private mutating func improveOnce() -> Bool {
        let alive = candidates.filter { state.isAlive[$0] }
        guard !alive.isEmpty else { return false }
        let close = nodesToClose(alive)
        let open = nodesToOpen(for: close)
        let shake = neighbours(excluding: close)
        let mark = state.mark
        if exchange(close: close, open: open, shake: shake, noise: 0.5) {
            if isLarge || settle(isPartial: false) { return true }
            state.rollback(to: mark)
        }
        concentrate(shake)
        return false
    }

    /// One node, often two, sometimes three.
    private mutating func nodesToClose(_ alive: [Int]) -> [Int] {
        let dice = random.below(10)
        let count = min(alive.count, dice < 4 ? 1 : (dice < 8 ? 2 : 3))
        var close: [Int] = []
        for _ in 0..<count {
            let node = pick(alive)
            if !close.contains(node) { close.append(node) }
        }
        return close.sorted()
    }

    /// Fewer nodes than are closed, or one cheaper one; together they cost less.
    private mutating func nodesToOpen(for close: [Int]) -> [Int] {
        let gain = close.reduce(Int64(0)) { $0 + (model.nodes[$1].price ?? 0) }
        let closed = candidates.filter { !state.isAlive[$0] && (model.nodes[$0].price ?? 0) < gain }
        guard !closed.isEmpty, random.below(4) > 0 || close.count > 2 else { return [] }
        var open: [Int] = []
        var sum: Int64 = 0
        for _ in 0..<max(1, close.count - 1) {
            let node = closed[random.below(closed.count)]
            let price = model.nodes[node].price ?? 0
            if open.contains(node) || sum + price >= gain { continue }
            open.append(node)
            sum += price
        }
        return open.sorted()
    }

    /// A node that looks easy to empty: the least loaded of three.
    private mutating func pick(_ alive: [Int]) -> Int {
        var best = alive[random.below(alive.count)]
        for _ in 0..<2 {
            let other = alive[random.below(alive.count)]
            if load(other) < load(best) { best = other }
        }
        return best
    }

    private mutating func neighbours(excluding close: [Int]) -> [Int] {
        let open = state.open.members.filter { !close.contains($0) }
        guard !open.isEmpty else { return [] }
        var chosen: [Int] = []
        for _ in 0..<random.below(min(7, open.count + 1)) {
            let node = open[random.below(open.count)]
            if !chosen.contains(node) { chosen.append(node) }
        }
        return chosen.sorted()
    }

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
