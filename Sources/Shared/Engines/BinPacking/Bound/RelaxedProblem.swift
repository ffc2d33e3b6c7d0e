/// The cluster as a packing problem without the terms between pods: pods as items, nodes as bins, equal ones together.
struct RelaxedProblem: Sendable {
    /// What the nodes that may go cost, in billionths of a USD per hour.
    let problem: PackingProblem
    /// Item by pod; -1 for pods that keep their node.
    let itemOf: [Int]
    /// Nodes by class of bins, ascending.
    let nodes: [[Int]]
    private let isCandidate: [Bool]

    private struct ItemKey: Hashable {
        var request: [Int64]
        var allowed: NodeSet
    }

    private struct BinKey: Hashable {
        var capacity: [Int64]
        var cost: Int64
        var isCandidate: Bool
        var compatible: ClassSet
    }

    /// Pairs of different pods and nodes looked at; beyond it there is no problem.
    private static let mostPairs = 50_000_000

    /// - Parameters:
    ///   - placed: A state that has every pod which can be placed.
    ///   - candidates: Nodes that may go.
    init?(_ placed: Placement, candidates: [Int]) {
        let model = placed.model
        let (pairs, overflow) = model.classes.count.multipliedReportingOverflow(by: model.nodeCount)
        guard !overflow, pairs <= Self.mostPairs else { return nil }
        var mayGo = Array(repeating: false, count: model.nodes.count)
        for node in candidates { mayGo[node] = true }
        let (items, itemOf) = Self.items(placed)
        var places: [BinKey: Int] = [:]
        var bins: [PackingProblem.BinClass] = []
        var nodes: [[Int]] = []
        var kinds: [Bool] = []
        for node in 0..<model.nodeCount where placed.isAlive[node] {
            let (capacity, compatible) = Self.bin(placed, node, items, itemOf)
            let cost = mayGo[node] ? model.nodes[node].price ?? 0 : 0
            let key = BinKey(capacity: capacity, cost: cost, isCandidate: mayGo[node], compatible: compatible)
            if let place = places[key] {
                nodes[place].append(node)
            } else {
                places[key] = bins.count
                bins.append(.init(capacity: capacity, cost: cost, compatible: compatible))
                nodes.append([node])
                kinds.append(mayGo[node])
            }
        }
        for (place, members) in nodes.enumerated() { bins[place].available = Int64(members.count) }
        problem = PackingProblem(items: items.map { .init(size: $0.key.request, count: $0.count) }, bins: bins)
        self.itemOf = itemOf
        self.nodes = nodes
        isCandidate = kinds
    }

    /// The same problem with every node that may go at a cost of 1.
    var counted: PackingProblem {
        var copy = problem
        for place in copy.bins.indices { copy.bins[place].cost = isCandidate[place] ? 1 : 0 }
        return copy
    }

    private static func bin(
        _ placed: Placement,
        _ node: Int,
        _ items: [(key: ItemKey, count: Int64)],
        _ itemOf: [Int]
    ) -> (capacity: [Int64], compatible: ClassSet) {
        let model = placed.model
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
        return (capacity, compatible)
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
