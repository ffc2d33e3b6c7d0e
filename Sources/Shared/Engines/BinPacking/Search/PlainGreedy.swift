/// The plan that a simple tool would make: node after node, the dearest for what it has to move first, pods first fit.
///
/// A starting point that nothing may be worse than. Every step is carried out as it is found, so the plan needs no
/// planning: it is its own order.
struct PlainGreedy {
    private var state: Placement
    private var plan: DrainPlan
    private var budgets: [Int64]
    private let model: PackModel
    private let fleet: FleetRule

    init(_ start: Placement, _ fleet: FleetRule) {
        state = start
        plan = DrainPlan(end: start)
        model = start.model
        self.fleet = fleet
        budgets = model.budgets.map(\.allowed)
    }

    /// - Parameter candidates: Nodes that nothing keeps.
    /// - Returns: A plan without loose ends, at worst one that drains nothing.
    mutating func run(_ candidates: [Int]) -> DrainPlan {
        placeWaiting()
        let ranks = candidates.map { node in
            (node: node, rank: Double(model.nodes[node].price ?? 0) / Double(1 + movable(on: node).count))
        }
        for (node, _) in ranks.sorted(by: { $0.rank == $1.rank ? $0.node < $1.node : $0.rank > $1.rank }) {
            // No pod moves twice, and pods that waited stay where they come first.
            guard movable(on: node).allSatisfy({ model.pods[$0].home == node }) else { continue }
            drain(node)
        }
        state.forgetJournal()
        plan.end = state
        return plan
    }

    /// Waiting pods without a place, the most important first.
    private var homeless: [Int] {
        var waiting = model.pods.indices.filter { model.pods[$0].role == .pending && state.nodeOf[$0] < 0 }
        waiting.sort { left, right in
            let priorities = (model.pods[left].priority, model.pods[right].priority)
            return priorities.0 == priorities.1 ? left < right : priorities.0 > priorities.1
        }
        return waiting
    }

    private mutating func placeWaiting() {
        state.isAdmitting = true
        let waiting = homeless
        var isProgress = true
        while isProgress {
            isProgress = false
            for pod in waiting where state.nodeOf[pod] < 0 {
                guard let node = firstFit(pod) else { continue }
                state.bind(pod, node)
                plan.placements.append(PodMove(pod: pod, from: -1, to: node, wave: 0))
                isProgress = true
            }
        }
        state.acceptSkew()
    }

    private func movable(on node: Int) -> [Int] {
        state.podsOn[node].map(Int.init).filter { model.pods[$0].isFree }
    }

    private func firstFit(_ pod: Int) -> Int? {
        let podClass = model.pods[pod].podClass
        let allowed = model.classes[podClass].allowed.words
        let open = state.open.words
        for position in allowed.indices {
            var rest = allowed[position] & open[position]
            while rest != 0 {
                let node = position << 6 + rest.trailingZeroBitCount
                rest &= rest &- 1
                if state.allows(podClass, node) { return node }
            }
        }
        return nil
    }

    /// All or nothing.
    private mutating func drain(_ node: Int) {
        let before = (mark: state.mark, waves: plan.waves.count)
        // The first cordon may open a place: constraints that honour taints count the node no longer.
        let unadmitted = plan.waves.isEmpty && !homeless.isEmpty ? self : nil
        var wave = DrainWave(cordoned: [node])
        budgets = model.budgets.map(\.allowed)
        state.cordon(node)
        if unadmitted != nil { placeWaiting() }
        if plan.waves.isEmpty { state.acceptSkew(beside: plan.end) }
        let pods = movable(on: node).sorted { left, right in
            let needs = [left, right].map { model.classes[model.pods[$0].podClass].request[PackModel.cpu] }
            return needs[0] == needs[1] ? left < right : needs[0] > needs[1]
        }
        for pod in pods {
            state.evict(pod)
            guard let place = firstFit(pod) else { return undo(before, unadmitted) }
            state.bind(pod, place)
            if model.pods[pod].budgets.contains(where: { budgets[$0] <= 0 }) {
                plan.waves.append(wave)
                wave = DrainWave()
                budgets = model.budgets.map(\.allowed)
            }
            for budget in model.pods[pod].budgets { budgets[budget] -= 1 }
            wave.moves.append(PodMove(pod: pod, from: node, to: place, wave: plan.waves.count + 1))
        }
        state.close(node)
        guard state.isSound, fleet.violation(state) == nil else { return undo(before, unadmitted) }
        wave.terminated = [node]
        plan.waves.append(wave)
    }

    private mutating func undo(_ before: (mark: Int, waves: Int), _ unadmitted: PlainGreedy?) {
        if let unadmitted {
            self = unadmitted
            return
        }
        state.rollback(to: before.mark)
        plan.waves.removeLast(plan.waves.count - before.waves)
    }
}
