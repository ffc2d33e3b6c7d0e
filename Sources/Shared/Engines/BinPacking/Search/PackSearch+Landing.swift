/// Putting pods that are in the air onto nodes, ejecting others where there is no room.
///
/// Guided ejection search (Nagata, Bräysy 2009, there for routes): a pod that finds no room grows heavier each time, and
/// those ejected for it are the lightest ones of one node that make room.
extension PackSearch {
    /// Places all of them, the hardest first.
    ///
    /// - Parameters:
    ///   - air: Pods without a node.
    ///   - totals: Pods by spread counter once all are placed.
    ///   - noise: How far the order is from that of the sizes, 0 to 1.
    ///   - ejections: How often others may be put into the air again.
    /// - Returns: False when some found no place; the caller takes everything back.
    mutating func land(_ air: [Int], totals: [Int], noise: Double, ejections: Int) -> Bool {
        var outside = Array(ordered(air, noise: noise).reversed())
        var weights: [Int32] = []
        var left = ejections
        // Pods that require company wait for others to come down.
        var lonely: [Int] = []
        var landed = 0
        while true {
            guard let pod = outside.popLast() else {
                if lonely.isEmpty { return true }
                if landed == 0 { return false }
                outside = lonely.reversed()
                lonely = []
                landed = 0
                continue
            }
            let podClass = model.pods[pod].podClass
            if let node = target(podClass, loose: totals) {
                state.bind(pod, node)
                landed += 1
            } else if left > 0, !steps.isExhausted {
                if weights.isEmpty { weights = Array(repeating: 1, count: model.pods.count) }
                left -= 1
                weights[pod] += 1
                guard let ejected = eject(for: pod, weights, totals) else { return false }
                outside += ejected
                landed += 1
                shake(totals)
            } else if model.classes[podClass].affinity.isEmpty {
                return false
            } else {
                lonely.append(pod)
            }
        }
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

    // MARK: Ejection

    /// Nodes looked at for one pod; of more a random stretch.
    static let mostNodesLookedAt = 96

    /// Binds the pod to the node with the lightest pods in its way.
    ///
    /// - Returns: Those pods, in the air now; nil when no node can take the pod.
    private mutating func eject(for pod: Int, _ weights: [Int32], _ totals: [Int]) -> [Int]? {
        let podClass = model.pods[pod].podClass
        var nodes = model.classes[podClass].allowed
        nodes.formIntersection(state.open)
        let members = nodes.members
        guard !members.isEmpty else { return nil }
        let start = random.below(members.count)
        var best = LightestEjection()
        for offset in 0..<min(members.count, Self.mostNodesLookedAt) {
            consider(members[(start + offset) % members.count], podClass, weights, totals, &best)
        }
        guard best.node >= 0 else { return nil }
        for other in best.pods { state.evict(other) }
        state.bind(pod, best.node)
        return best.pods
    }

    private mutating func consider(
        _ node: Int,
        _ podClass: Int,
        _ weights: [Int32],
        _ totals: [Int],
        _ best: inout LightestEjection
    ) {
        let pods = state.podsOn[node].map(Int.init).filter { isFree($0) }
        var search = EjectionChoice(short: shortage(podClass, node), best: best.weight)
        let hasRules = model.classes[podClass].hasTerms || !model.classes[podClass].ports.isEmpty
        let isHated = hasRules && !(state.isTolerated(podClass, node) && state.portsAreFree(podClass, node))
        for other in pods {
            let request = model.classes[model.pods[other].podClass].request
            let mustGo = isHated && excludes(podClass, model.pods[other].podClass)
            search.add(other, weight: weights[other], frees: request, mustGo: mustGo)
        }
        steps.spend(8 + pods.count + search.find(&random) / 2)
        guard let found = search.found, found.weight <= best.weight,
            !hasRules || isAllowed(podClass, node, without: found.pods, totals)
        else { return }
        if found.weight == best.weight {
            best.ties += 1
            guard random.below(best.ties) == 0 else { return }
        } else {
            best.ties = 1
        }
        best.node = node
        best.weight = found.weight
        best.pods = found.pods
    }

    /// What is missing on the node, by resource.
    private func shortage(_ podClass: Int, _ node: Int) -> [(resource: Int, amount: Int64)] {
        let base = node * model.dimensions
        var result: [(resource: Int, amount: Int64)] = []
        for (index, amount) in model.classes[podClass].request.enumerated()
        where amount > 0 && amount > state.free[base + index] {
            result.append((index, amount - state.free[base + index]))
        }
        return result
    }

    /// The two kinds do not share a node, or perhaps not a larger domain.
    private func excludes(_ one: Int, _ other: Int) -> Bool {
        let (first, second) = (model.classes[one], model.classes[other])
        return first.exclusion.contains { second.countedExclusion.contains($0) }
            || second.exclusion.contains { first.countedExclusion.contains($0) }
            || state.portsConflict(one, other)
    }

    private mutating func isAllowed(_ podClass: Int, _ node: Int, without pods: [Int], _ totals: [Int]) -> Bool {
        let mark = state.mark
        for other in pods { state.evict(other) }
        defer { state.rollback(to: mark) }
        return state.hasRoom(podClass, node) && isAllowed(podClass, node, totals)
    }

    // MARK: Shaking

    private static let shakes = 12

    /// Random moves of one pod and exchanges of two that break nothing: what did not fit may fit then.
    private mutating func shake(_ totals: [Int]) {
        guard movers.count > 1 else { return }
        steps.spend(8 * Self.shakes)
        for _ in 0..<Self.shakes {
            let one = movers[random.below(movers.count)]
            let two = movers[random.below(movers.count)]
            let (home, other) = (Int(state.nodeOf[one]), Int(state.nodeOf[two]))
            guard home >= 0, other >= 0, home != other, isFree(one), isFree(two) else { continue }
            let mark = state.mark
            state.evict(one)
            if settle(one, on: other, totals) { continue }
            state.evict(two)
            if !(settle(one, on: other, totals) && settle(two, on: home, totals)) { state.rollback(to: mark) }
        }
    }

    private mutating func settle(_ pod: Int, on node: Int, _ totals: [Int]) -> Bool {
        let podClass = model.pods[pod].podClass
        guard state.open.contains(node), model.classes[podClass].allowed.contains(node), state.hasRoom(podClass, node),
            isAllowed(podClass, node, totals)
        else { return false }
        state.bind(pod, node)
        return true
    }
}

/// The lightest pods in the way so far.
private struct LightestEjection {
    var node = -1
    var pods: [Int] = []
    var weight = Int32.max
    var ties = 0
}
