import Contract

/// What the conclusion rests on: each node before and after, and what keeps each node that stays.
struct PackEvidence {
    let solver: PackSolver
    let report: PackReport

    private var model: PackModel { solver.model }
    private var end: Placement { solver.solution.plan.end }
    /// Nodes asked why they stay; each costs a look at all nodes for each of its pods.
    private static let mostNodes = 300

    var json: JSONObject {
        [
            "nodes": .array((0..<model.nodeCount).map(node)),
            "weights": .object(weights),
            "disruption_budgets": .array(
                model.budgets.map {
                    ["budget": .string($0.key.description), "disruptions_allowed": .integer($0.allowed)]
                }
            ),
            "needed_nodes": .array(needed.map(reason)),
        ]
    }

    private var weights: JSONObject {
        ["step": "one node looked at for one pod", "order": "price / disruption, price / load, load, price"]
    }

    private func node(_ node: Int) -> JSONValue {
        [
            "node": .string(model.nodes[node].name),
            "kept": .bool(end.isAlive[node]),
            "before": report.use(solver.start, node),
            "after": end.isAlive[node] ? report.use(end, node) : .null,
            "pods_before": .integer(Int64(solver.start.podsOn[node].count)),
            "pods_after": end.isAlive[node] ? .integer(Int64(end.podsOn[node].count)) : .null,
            "price_origin": .string(model.nodes[node].priceOrigin.rawValue),
            "block": .optional(model.nodes[node].blocks.first?.reason),
        ]
    }

    private var needed: ArraySlice<Int> {
        solver.candidates.filter { end.isAlive[$0] }.prefix(Self.mostNodes)
    }

    /// The first pod that has no other place in the end, and how many nodes each rule closes to it.
    private func reason(_ node: Int) -> JSONValue {
        var state = end
        state.cordon(node)
        let pods = state.podsOn[node].map(Int.init).filter { model.pods[$0].isFree }.sorted()
        for pod in pods {
            let podClass = model.pods[pod].podClass
            let mark = state.mark
            state.evict(pod)
            var counts: [Obstacle: Int] = [:]
            var isPlaced = false
            for other in model.nodes.indices where other != node && state.isAlive[other] && !isPlaced {
                if let obstacle = state.obstacle(podClass, other) {
                    counts[obstacle, default: 0] += 1
                } else {
                    isPlaced = true
                    state.bind(pod, other)
                }
            }
            if isPlaced { continue }
            state.rollback(to: mark)
            var rules = JSONObject()
            for (obstacle, count) in counts.sorted(by: { $0.key < $1.key }) {
                rules[obstacle.code(model.resources)] = .integer(Int64(count))
            }
            return [
                "node": .string(model.nodes[node].name), "pod": .string(model.pods[pod].key.description),
                "closed_by": .object(rules),
            ]
        }
        return ["node": .string(model.nodes[node].name), "pod": nil, "closed_by": ["combination": 1]]
    }
}
