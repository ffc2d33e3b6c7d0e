/// What no plan can go below: the cheapest fractional packing of all pods, whatever the terms between pods are.
struct PackBound: Sendable {
    /// Billionths of a USD per hour of the nodes that could be drained.
    var cost: Int64
    /// Nodes that are left, those that stay anyway included.
    var nodes: Int64
    var isConverged: Bool

    /// - Parameters:
    ///   - placed: A state that has every pod which can be placed.
    ///   - candidates: Nodes that may go.
    ///   - steps: Elementary steps of the bound's own search.
    init(_ placed: Placement, candidates: [Int], steps: Int) {
        let model = placed.model
        var isCandidate = Array(repeating: false, count: model.nodes.count)
        for node in candidates { isCandidate[node] = true }
        guard Self.isManageable(placed) else {
            self.cost = 0
            nodes = 0
            isConverged = false
            return
        }
        var problem = Self.problem(placed, isCandidate) { model.nodes[$0].price ?? 0 }
        let cost = VectorPacker.lowerBound(problem, budget: StepBudget(limit: steps / 2))
        let staying = (0..<model.nodeCount).count { placed.isAlive[$0] && !isCandidate[$0] }
        problem = Self.problem(placed, isCandidate) { _ in 1 }
        let count = VectorPacker.lowerBound(problem, budget: StepBudget(limit: steps / 2))
        let least = count.isInfeasible ? 0 : max(0, count.value)
        let value = cost.isInfeasible ? 0 : max(0, cost.value)
        self.cost =
            PriceLattice(candidates.map { model.nodes[$0].price ?? 0 })
            .leastSum(atLeast: value, count: least) ?? value
        nodes = Int64(staying) + least
        isConverged = cost.isConverged && count.isConverged
    }

    /// Pairs of different pods and nodes looked at; beyond it no bound is given.
    private static let mostPairs = 50_000_000

    private static func isManageable(_ placed: Placement) -> Bool {
        let (pairs, overflow) = placed.model.classes.count.multipliedReportingOverflow(by: placed.model.nodeCount)
        return !overflow && pairs <= mostPairs
    }

    private struct ItemKey: Hashable {
        var request: [Int64]
        var allowed: NodeSet
    }

    private struct BinKey: Hashable {
        var capacity: [Int64]
        var cost: Int64
        var compatible: ClassSet
    }

    /// Pods as items, nodes as bins; equal ones together.
    private static func problem(
        _ placed: Placement,
        _ isCandidate: [Bool],
        cost: (Int) -> Int64
    ) -> PackingProblem {
        let model = placed.model
        let (items, itemOf) = items(placed)
        var bins: [BinKey: Int64] = [:]
        var order: [BinKey] = []
        for node in 0..<model.nodeCount where placed.isAlive[node] {
            var compatible = ClassSet(capacity: items.count)
            var own = Array(repeating: Int64(0), count: model.dimensions)
            for pod in placed.podsOn[node].map(Int.init) where model.pods[pod].isFree {
                // Where a pod is, it may stay, whatever the rules say to others.
                compatible.insert(itemOf[pod])
                for (index, amount) in model.classes[model.pods[pod].podClass].request.enumerated() {
                    own[index] += amount
                }
            }
            let isOpen = model.nodes[node].closedTo == nil
            if isOpen {
                for (number, item) in items.enumerated() where item.key.allowed.contains(node) {
                    compatible.insert(number)
                }
            }
            let capacity = own.enumerated().map { index, used in
                // An overbooked node keeps what it has.
                max(used, isOpen ? placed.free[node * model.dimensions + index] + used : 0)
            }
            let key = BinKey(capacity: capacity, cost: isCandidate[node] ? cost(node) : 0, compatible: compatible)
            if bins[key] == nil { order.append(key) }
            bins[key, default: 0] += 1
        }
        return PackingProblem(
            items: items.map { .init(size: $0.key.request, count: $0.count) },
            bins: order.map {
                .init(capacity: $0.capacity, cost: $0.cost, available: bins[$0], compatible: $0.compatible)
            }
        )
    }

    private static func items(_ placed: Placement) -> (items: [(key: ItemKey, count: Int64)], itemOf: [Int]) {
        let model = placed.model
        var numbers: [ItemKey: Int] = [:]
        var items: [(key: ItemKey, count: Int64)] = []
        var itemOf = Array(repeating: -1, count: model.pods.count)
        var itemOfClass = Array(repeating: -1, count: model.classes.count)
        for (index, pod) in model.pods.enumerated() where pod.isFree && placed.nodeOf[index] >= 0 {
            if itemOfClass[pod.podClass] < 0 {
                let podClass = model.classes[pod.podClass]
                let key = ItemKey(request: podClass.request, allowed: podClass.allowed)
                if numbers[key] == nil {
                    numbers[key] = items.count
                    items.append((key, 0))
                }
                itemOfClass[pod.podClass] = numbers[key] ?? 0
            }
            itemOf[index] = itemOfClass[pod.podClass]
            items[itemOf[index]].count += 1
        }
        return (items, itemOf)
    }
}
