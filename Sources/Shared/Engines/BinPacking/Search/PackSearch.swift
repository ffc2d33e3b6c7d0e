/// Looks for the cheapest set of nodes that holds all pods under all rules.
///
/// The state is always a valid plan: whatever fails is taken back. Methods are in extensions, one strategy each.
struct PackSearch: Sendable {
    var state: Placement
    /// The cluster as it came.
    let start: Placement
    /// The cluster with the waiting pods in their places.
    private(set) var placed: Placement
    /// The best plan so far with an order in which it can be carried out.
    var plan: DrainPlan?
    var steps: SearchSteps
    var random = DeterministicRandom(seed: 0x00C0_FFEE)
    let model: PackModel
    let options: PackOptions
    let fleet: FleetRule
    /// Weight of a unit of each resource: its share of an average node, times how scarce it is.
    let weights: [Double]
    /// Nodes that can be drained: nothing blocks them.
    let candidates: [Int]
    /// Pods that can be put elsewhere.
    let movers: [Int]
    /// Size of each class's request in weighted units.
    let sizes: [Double]
    /// How few nodes each class may use.
    let choices: [Int]
    /// Pending pods stay on the first node found for them, and so do these nodes.
    var freezesPending = false
    /// Nodes that stay whatever is found: pods go there first.
    let isStaying: [Bool]
    /// Steps that exchanges have taken, by how they put pods down.
    var effort = (guided: 0, plain: 0)
    /// Cost that no plan can go below; the search ends there.
    var floor: Int64 = 0

    init(_ model: PackModel, _ options: PackOptions, steps: SearchSteps) {
        self.model = model
        self.options = options
        self.steps = steps
        let start = Placement(model)
        self.start = start
        state = start
        placed = start
        fleet = FleetRule(state, options)
        candidates = (0..<model.nodeCount).filter { model.nodes[$0].blocks.isEmpty }
        var isStaying = Array(repeating: true, count: model.nodes.count)
        for node in candidates { isStaying[node] = false }
        for node in model.nodeCount..<model.nodes.count { isStaying[node] = false }
        self.isStaying = isStaying
        let weights = Self.weights(model)
        self.weights = weights
        sizes = model.classes.map { podClass in zip(podClass.request, weights).reduce(0) { $0 + Double($1.0) * $1.1 } }
        choices = model.classes.map(\.allowed.count)
        movers = model.pods.indices.filter { model.pods[$0].isFree }
        state.forgetJournal()
    }

    private static func weights(_ model: PackModel) -> [Double] {
        var demand = Array(repeating: 0.0, count: model.dimensions)
        var supply = Array(repeating: 0.0, count: model.dimensions)
        for pod in model.pods where pod.home < model.nodeCount {
            for (index, amount) in model.classes[pod.podClass].request.enumerated() { demand[index] += Double(amount) }
        }
        for node in 0..<model.nodeCount {
            for index in 0..<model.dimensions {
                supply[index] += Double(model.capacity[node * model.dimensions + index])
            }
        }
        return (0..<model.dimensions).map { index in
            guard supply[index] > 0, demand[index] > 0 else { return 0 }
            let average = supply[index] / Double(max(1, model.nodeCount))
            return min(1, demand[index] / supply[index]) / average
        }
    }

    /// Hourly cost in billionths of a USD of the nodes that could be drained but are there.
    var cost: Int64 { cost(state) }

    func cost(_ state: Placement) -> Int64 {
        var sum: Int64 = 0
        for node in candidates where state.isAlive[node] { sum += model.nodes[node].price ?? 0 }
        return sum
    }

    /// The pod can be put elsewhere.
    func isFree(_ pod: Int) -> Bool {
        switch model.pods[pod].role {
        case .movable: true
        case .pending: !freezesPending
        default: false
        }
    }

    /// More than any node's weighted room: nodes that stay anyway are filled before those that might go.
    private static let awayFromCandidates = 1_000_000.0

    /// Nothing on the node keeps it.
    func isRemovable(_ node: Int) -> Bool {
        !freezesPending || !state.podsOn[node].contains { model.pods[Int($0)].role == .pending }
    }

    // MARK: Placing one pod

    /// The node where the pod leaves the least room that others could use; ties go to the first by name.
    ///
    /// - Parameters:
    ///   - podClass: Which kind of pod.
    ///   - loose: While many pods are in the air only the rules that no later placement can mend count, with the totals of
    ///     the spread counters.
    /// - Returns: nil when no node takes the pod.
    mutating func target(_ podClass: Int, loose: [Int]? = nil) -> Int? {
        let dimensions = model.dimensions
        let request = model.classes[podClass].request
        let allowed = model.classes[podClass].allowed.words
        let open = state.open.words
        let free = state.free
        var best = -1
        var bestScore = Double.infinity
        var looked = 0
        for position in allowed.indices {
            var rest = allowed[position] & open[position]
            while rest != 0 {
                let node = position << 6 + rest.trailingZeroBitCount
                rest &= rest &- 1
                looked += 1
                let base = node * dimensions
                var score = isStaying[node] ? 0 : Self.awayFromCandidates
                var fits = true
                for index in 0..<dimensions {
                    let room = free[base + index]
                    let need = request[index]
                    if need > 0, need > room {
                        fits = false
                        break
                    }
                    score += Double(room) * weights[index]
                }
                guard fits, score < bestScore, isAllowed(podClass, node, loose) else { continue }
                best = node
                bestScore = score
            }
        }
        steps.spend(looked + 1)
        return best < 0 ? nil : best
    }

    /// The rules beside capacity and static ones; loosely as in ``target(_:loose:)``.
    func isAllowed(_ podClass: Int, _ node: Int, _ loose: [Int]?) -> Bool {
        guard let loose else { return state.termsAllow(podClass, node) }
        return state.portsAreFree(podClass, node) && state.isTolerated(podClass, node)
            && state.hasCompany(podClass, node) && state.spreadMayEndWell(podClass, node, totals: loose)
    }

    // MARK: Pods that wait

    /// Places pending pods, the most important first.
    mutating func placePending() {
        let waiting = model.pods.indices.filter { model.pods[$0].role == .pending }
        let order = waiting.sorted { left, right in
            let first = model.pods[left]
            let second = model.pods[right]
            if first.priority != second.priority { return first.priority > second.priority }
            let sizes = (sizes[first.podClass], sizes[second.podClass])
            return sizes.0 == sizes.1 ? left < right : sizes.0 > sizes.1
        }
        state.isAdmitting = true
        var left = order
        var isProgress = true
        while isProgress, !left.isEmpty {
            isProgress = false
            var failed: [Int] = []
            for pod in left {
                if let node = target(model.pods[pod].podClass) {
                    state.bind(pod, node)
                    isProgress = true
                } else {
                    failed.append(pod)
                }
            }
            // Company may have come for those that lacked it; without terms a second look is in vain.
            left = failed
            if !failed.contains(where: { !model.classes[model.pods[$0].podClass].affinity.isEmpty }) { break }
        }
        state.acceptSkew()
        state.forgetJournal()
        placed = state
    }
}
