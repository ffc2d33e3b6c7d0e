/// Removing nodes one after the other, pod by pod, as a drain would.
extension PackSearch {
    /// Takes a node out and places its pods elsewhere, each move allowed at its moment; all or nothing.
    mutating func remove(_ node: Int) -> Bool {
        guard isRemovable(node) else { return false }
        let mark = state.mark
        state.cordon(node)
        var left = movable(on: node)
        while !left.isEmpty {
            var failed: [Int] = []
            for pod in left {
                if move(pod) { continue }
                failed.append(pod)
                // Only terms on other pods can be met later; room does not come by waiting.
                if !model.classes[model.pods[pod].podClass].hasTerms { break }
            }
            if let last = failed.last,
                failed.count == left.count || !model.classes[model.pods[last].podClass].hasTerms
            {
                state.rollback(to: mark)
                return false
            }
            left = failed
        }
        state.close(node)
        guard state.isSound, fleet.violation(state) == nil else {
            state.rollback(to: mark)
            return false
        }
        return true
    }

    /// Pods that must leave before the node can go, the hardest to place first.
    func movable(on node: Int) -> [Int] {
        let pods = state.podsOn[node].map(Int.init).filter { isFree($0) }
        return pods.sorted { isHarder($0, $1) }
    }

    func isHarder(_ left: Int, _ right: Int) -> Bool {
        let first = model.pods[left].podClass
        let second = model.pods[right].podClass
        // Company first: others may depend on it, and it is itself the pickiest.
        if choices[first] != choices[second] { return choices[first] < choices[second] }
        if sizes[first] != sizes[second] { return sizes[first] > sizes[second] }
        return left < right
    }

    /// Evicts one pod and binds it elsewhere; it stays where it is when there is no place.
    private mutating func move(_ pod: Int) -> Bool {
        let mark = state.mark
        state.evict(pod)
        guard let place = target(model.pods[pod].podClass) else {
            state.rollback(to: mark)
            return false
        }
        state.bind(pod, place)
        return true
    }

    // MARK: Orders

    /// What a node's pods cost to move, by Karpenter's measure.
    func disruption(_ node: Int) -> Double {
        1
            + state.podsOn[node].reduce(0) { sum, pod in
                model.pods[Int(pod)].role == .movable ? sum + max(0, model.pods[Int(pod)].disruption) : sum
            }
    }

    /// Weighted size of what would have to move.
    func load(_ node: Int) -> Double {
        state.podsOn[node].reduce(0) { sum, pod in
            isFree(Int(pod)) ? sum + sizes[model.pods[Int(pod)].podClass] : sum
        }
    }

    /// Goes over the nodes again and again until none can be removed.
    mutating func removeRepeatedly(by rank: (PackSearch, Int) -> Double) {
        var isProgress = true
        while isProgress, !steps.isExhausted {
            isProgress = false
            let alive = candidates.filter { state.isAlive[$0] }
            let ranks = alive.map { (node: $0, rank: rank(self, $0)) }
            for (node, _) in ranks.sorted(by: { $0.rank == $1.rank ? $0.node < $1.node : $0.rank > $1.rank }) {
                if steps.isExhausted { break }
                steps.spend(1)
                if remove(node) { isProgress = true }
            }
            state.forgetJournal()
        }
    }
}
