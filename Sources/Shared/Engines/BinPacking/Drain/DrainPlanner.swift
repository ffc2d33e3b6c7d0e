/// Finds an order of evictions in which every single step is allowed when it is taken.
///
/// Normally all nodes that go are cordoned first, so that evicted pods do not come up on the next node to be drained.
/// Where rules look at cordoned nodes that can be in the way; then node after node is cordoned and emptied on its own.
/// One pod after the other is evicted and expected on its goal, where it must have room and hold every rule at that
/// moment. A wave ends when no further eviction is allowed by the disruption budgets (Kubernetes: eviction.go) or possible; the
/// budgets count anew once its pods run again. What no order can do is given up, node by node, so the plan is always
/// valid and at worst smaller than the search had hoped for.
struct DrainPlanner {
    enum Strategy: Sendable, CaseIterable {
        case together, oneByOneSmallFirst, oneByOneDearFirst
    }

    private let strategy: Strategy
    /// Nodes that go, for good: unlike `closing` this does not shrink while they do.
    private var going: Set<Int>
    private var state: Placement
    private var goal: [Int32]
    private var left: [Int]
    private var closing: [Int]
    private var budgets: [Int64]
    private var plan: DrainPlan
    private let options: PackOptions
    private var wave = DrainWave()

    /// - Parameters:
    ///   - start: The cluster as it came.
    ///   - end: What the search found.
    ///   - replacement: The slot that is open in `end`, with its room.
    ///   - strategy: In which order nodes are emptied.
    ///   - options: What the caller allows.
    init(
        from start: Placement,
        to end: Placement,
        replacement: (slot: Int, room: [Int64])?,
        _ strategy: Strategy,
        _ options: PackOptions
    ) {
        self.options = options
        self.strategy = strategy
        state = start
        goal = GoalMatching(end).goal
        closing = (0..<start.model.nodeCount).filter { start.isAlive[$0] && !end.isAlive[$0] }
        going = Set(closing)
        let goal = goal
        left = start.model.pods.indices.filter {
            start.model.pods[$0].role == .movable && goal[$0] != start.nodeOf[$0]
        }
        budgets = start.model.budgets.map(\.allowed)
        plan = DrainPlan(end: start)
        if let replacement {
            state.addRoom(replacement.slot, replacement.room, sign: 1)
            state.reopen(replacement.slot)
        }
        sortWork()
    }

    /// Nodes with little to move first; pods that move between nodes that stay before all others: they make room.
    private mutating func sortWork() {
        var count: [Int32: Int] = [:]
        for pod in left { count[state.nodeOf[pod], default: 0] += 1 }
        let nodes = state.model.nodes
        let dearFirst = strategy == .oneByOneDearFirst
        let spotFirst = options.maximumSpotShare != nil
        closing.sort { first, second in
            if spotFirst, nodes[first].isSpot != nodes[second].isSpot { return nodes[first].isSpot }
            let counts = (count[Int32(first)] ?? 0, count[Int32(second)] ?? 0)
            if dearFirst {
                let ratios = [(first, counts.0), (second, counts.1)].map { node, pods in
                    Double(nodes[node].price ?? 0) / Double(1 + pods)
                }
                if ratios[0] != ratios[1] { return ratios[0] > ratios[1] }
            }
            return counts.0 == counts.1 ? first < second : counts.0 < counts.1
        }
        var rank: [Int32: Int] = [:]
        for (position, node) in closing.enumerated() { rank[Int32(node)] = position + 1 }
        let home = state.nodeOf
        left.sort { first, second in
            let ranks = (rank[home[first]] ?? 0, rank[home[second]] ?? 0)
            return ranks.0 == ranks.1 ? first < second : ranks.0 < ranks.1
        }
    }

    /// - Returns: Nothing when a waiting pod cannot be placed on a node that stays.
    static func plan(
        from start: Placement,
        to end: Placement,
        replacement: (slot: Int, room: [Int64])? = nil,
        _ strategy: Strategy,
        _ options: PackOptions
    ) -> DrainPlan? {
        var planner = DrainPlanner(from: start, to: end, replacement: replacement, strategy, options)
        return strategy == .together ? planner.runTogether() : planner.runOneByOne()
    }

    private mutating func runTogether() -> DrainPlan? {
        for node in closing { state.cordon(node) }
        guard placeWaiting() else { return nil }
        let cordoned = closing
        var uncordoned: [Int] = []
        while !closing.isEmpty {
            wave = DrainWave()
            budgets = state.model.budgets.map(\.allowed)
            runWave(among: Set(closing.prefix(max(1, options.nodesPerWave))))
            if wave.moves.isEmpty, wave.terminated.isEmpty { runWave(among: Set(closing)) }
            if wave.moves.isEmpty, wave.terminated.isEmpty { detour() }
            if wave.moves.isEmpty, wave.terminated.isEmpty {
                if let node = giveUp() { uncordoned.append(node) }
                continue
            }
            wave.uncordoned = uncordoned.sorted()
            uncordoned = []
            if plan.waves.isEmpty { wave.cordoned = cordoned.sorted() }
            plan.waves.append(wave)
        }
        if !plan.waves.isEmpty, !uncordoned.isEmpty {
            wave = DrainWave()
            wave.uncordoned = uncordoned.sorted()
            plan.waves.append(wave)
        }
        plan.end = state
        return plan
    }

    /// Each node that goes is emptied whole or left alone for now; the round begins anew as long as one went.
    private mutating func runOneByOne() -> DrainPlan? {
        guard placeWaiting() else { return nil }
        var isProgress = true
        while isProgress {
            isProgress = false
            for node in closing where empty(node) { isProgress = true }
        }
        // A waiting pod without a place might have had one on a node that was meant to go.
        if !closing.isEmpty, !homeless.isEmpty { return nil }
        plan.abandoned = closing
        plan.end = state
        return plan
    }

    private mutating func empty(_ node: Int) -> Bool {
        let (mark, before, waves) = (state.mark, left, plan.waves.count)
        // The first cordon may open a place: constraints that honour taints count the node no longer.
        let unadmitted = plan.waves.isEmpty && !homeless.isEmpty ? self : nil
        state.cordon(node)
        if unadmitted != nil { admitRest() }
        if plan.waves.isEmpty { state.acceptSkew(beside: plan.end) }
        while state.isAlive[node] {
            wave = DrainWave()
            if plan.waves.count == waves { wave.cordoned = [node] }
            budgets = state.model.budgets.map(\.allowed)
            runWave(among: [node])
            if wave.moves.isEmpty, wave.terminated.isEmpty {
                if let unadmitted {
                    self = unadmitted
                    return false
                }
                state.rollback(to: mark)
                left = before
                plan.waves.removeLast(plan.waves.count - waves)
                return false
            }
            plan.waves.append(wave)
        }
        return true
    }

    // MARK: Pods that wait

    /// Waiting pods come first, and to nodes that stay: nobody evicts them again.
    private mutating func placeWaiting() -> Bool {
        state.isAdmitting = true
        var waiting = state.model.pods.indices.filter { state.model.pods[$0].role == .pending && goal[$0] >= 0 }
        for isDetour in [false, true] {
            var isProgress = true
            while isProgress, !waiting.isEmpty {
                isProgress = false
                for pod in waiting {
                    let podClass = state.model.pods[pod].podClass
                    let wish = state.allows(podClass, Int(goal[pod])) ? Int(goal[pod]) : nil
                    guard let place = isDetour ? wish ?? anyPlace(podClass) : wish else { continue }
                    state.bind(pod, place)
                    plan.placements.append(PodMove(pod: pod, from: -1, to: place, wave: 0))
                    isProgress = true
                }
                waiting.removeAll { state.nodeOf[$0] >= 0 }
            }
        }
        placeRest()
        state.acceptSkew()
        return waiting.isEmpty
    }

    /// Waiting pods without a place.
    private var homeless: [Int] {
        state.model.pods.indices.filter { state.model.pods[$0].role == .pending && state.nodeOf[$0] < 0 }
    }

    private mutating func admitRest() {
        state.isAdmitting = true
        placeRest()
        state.acceptSkew()
    }

    /// What the search found no place for may find one now that others went elsewhere, or once its company is there.
    private mutating func placeRest() {
        let rest = state.model.pods.indices.filter { state.model.pods[$0].role == .pending && goal[$0] < 0 }
        var isProgress = true
        while isProgress {
            isProgress = false
            for pod in rest where state.nodeOf[pod] < 0 {
                guard let place = anyPlace(state.model.pods[pod].podClass) else { continue }
                state.bind(pod, place)
                plan.placements.append(PodMove(pod: pod, from: -1, to: place, wave: 0))
                isProgress = true
            }
        }
    }

    private func anyPlace(_ podClass: Int) -> Int? {
        state.model.classes[podClass].allowed.members.first { !going.contains($0) && state.allows(podClass, $0) }
    }

    // MARK: Waves

    private mutating func runWave(among nodes: Set<Int>) {
        var isProgress = true
        while isProgress {
            isProgress = moveAll(from: nodes)
            // Pods of nodes that stay move only where somebody waits for their room.
            if !isProgress, isWaiting(on: nodes) { isProgress = makeRoom() }
        }
        closeEmpty(nodes)
    }

    private mutating func moveAll(from nodes: Set<Int>) -> Bool {
        var isProgress = false
        var rest: [Int] = []
        rest.reserveCapacity(left.count)
        for pod in left {
            if nodes.contains(Int(state.nodeOf[pod])), isWithinBudget(pod), move(pod, to: Int(goal[pod])) {
                isProgress = true
            } else {
                rest.append(pod)
            }
        }
        left = rest
        return isProgress
    }

    private func isWaiting(on nodes: Set<Int>) -> Bool {
        left.contains { nodes.contains(Int(state.nodeOf[$0])) && isWithinBudget($0) }
    }

    private mutating func makeRoom() -> Bool {
        for (position, pod) in left.enumerated() where !going.contains(Int(state.nodeOf[pod])) && isWithinBudget(pod) {
            if move(pod, to: Int(goal[pod])) {
                left.remove(at: position)
                return true
            }
        }
        return false
    }

    private func isWithinBudget(_ pod: Int) -> Bool {
        state.model.pods[pod].budgets.allSatisfy { budgets[$0] > 0 }
    }

    private mutating func move(_ pod: Int, to place: Int) -> Bool {
        let mark = state.mark
        let from = Int(state.nodeOf[pod])
        state.evict(pod)
        guard state.allows(state.model.pods[pod].podClass, place) else {
            state.rollback(to: mark)
            return false
        }
        state.bind(pod, place)
        for budget in state.model.pods[pod].budgets { budgets[budget] -= 1 }
        wave.moves.append(PodMove(pod: pod, from: from, to: place, wave: plan.waves.count + 1))
        return true
    }

    private mutating func closeEmpty(_ nodes: Set<Int>) {
        var rest: [Int] = []
        for node in closing {
            let isEmpty = !state.podsOn[node].contains { state.model.pods[Int($0)].isFree }
            guard nodes.contains(node), isEmpty else {
                rest.append(node)
                continue
            }
            let mark = state.mark
            state.close(node)
            if state.isSpread {
                wave.terminated.append(node)
            } else {
                state.rollback(to: mark)
                rest.append(node)
            }
        }
        closing = rest
    }

    // MARK: When nothing goes

    /// Sends one pod to any other node that stays.
    private mutating func detour() {
        for (position, pod) in left.enumerated() where state.isDraining[Int(state.nodeOf[pod])] && isWithinBudget(pod) {
            let podClass = state.model.pods[pod].podClass
            for place in state.model.classes[podClass].allowed.members where state.open.contains(place) {
                if move(pod, to: place) {
                    left.remove(at: position)
                    closeEmpty(Set(closing))
                    return
                }
            }
        }
    }

    /// Lets the cheapest node that still has pods stay.
    private mutating func giveUp() -> Int? {
        let nodes = state.model.nodes
        guard let node = closing.min(by: { (nodes[$0].price ?? 0, $0) < (nodes[$1].price ?? 0, $1) }) else {
            return nil
        }
        closing.removeAll { $0 == node }
        plan.abandoned.append(node)
        going.remove(node)
        state.uncordon(node)
        left.removeAll { Int(state.nodeOf[$0]) == node }
        return node
    }
}
