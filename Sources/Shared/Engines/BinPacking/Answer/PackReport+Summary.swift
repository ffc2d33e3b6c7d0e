import Contract

extension PackReport {
    private var model: PackModel { solver.model }
    private var end: Placement { solver.solution.plan.end }

    private func hourly(_ state: Placement) -> Int64 {
        (0..<model.nodeCount).reduce(0) { $0 + (state.isAlive[$1] ? model.nodes[$1].price ?? 0 : 0) }
    }

    /// Prices of nodes whose price is known; the replacement counts after, not before.
    var summary: JSONObject {
        let before = hourly(solver.start)
        let after = hourly(end) + (solver.solution.replacement?.price ?? 0)
        let movedPods = solver.solution.plan.moves.count
        return [
            "nodes_before": .integer(Int64(model.nodeCount)),
            "nodes_after": .integer(Int64(end.aliveCount)),
            "nodes_drained": .integer(Int64(drained.count)),
            "pods_moved": .integer(Int64(movedPods)),
            "waves": .integer(Int64(solver.solution.plan.waves.count)),
            "hourly_cost_before": Self.usd(before),
            "hourly_cost_after": Self.usd(after),
            "hourly_savings": Self.usd(before - after),
            "monthly_savings": Self.monthly(before - after),
            "savings_percentage": before > 0 ? .rounded(Double(before - after) / Double(before), 6) : 0,
            "spot_share_before": Self.share(solver.start.aliveSpot, solver.start.aliveCount),
            "spot_share_after": Self.share(end.aliveSpot, end.aliveCount),
            "nodes_per_zone_before": zones(solver.start),
            "nodes_per_zone_after": zones(end),
        ]
    }

    private static func share(_ part: Int, _ whole: Int) -> JSONValue {
        whole > 0 ? .rounded(Double(part) / Double(whole), 6) : 0
    }

    private func zones(_ state: Placement) -> JSONValue {
        var counts = JSONObject()
        for (zone, name) in model.zones.enumerated() { counts[name] = .integer(Int64(state.aliveIn[zone])) }
        return .object(counts)
    }

    /// What nothing can go below, over the existing nodes; with a replacement the answer may be cheaper than that.
    var bound: JSONObject {
        let fixed = hourly(solver.start) - solver.costBefore
        let plain = solver.withoutReplacement ?? solver.solution
        let cost = fixed + plain.cost
        let least = min(cost, fixed + solver.bound.cost)
        let nodes = Int64(plain.plan.end.aliveCount)
        let leastNodes = min(nodes, max(Int64(0), solver.bound.nodes))
        return [
            "method": "column_generation",
            "scope": "existing_nodes",
            "hourly_cost": Self.usd(least),
            "hourly_cost_found": Self.usd(cost),
            "cost_gap": least > 0 ? .rounded(Double(cost - least) / Double(least), 6) : 0,
            "nodes": .integer(leastNodes),
            "nodes_found": .integer(nodes),
            "node_gap": leastNodes > 0 ? .rounded(Double(nodes - leastNodes) / Double(leastNodes), 6) : 0,
            "is_converged": .bool(solver.bound.isConverged),
            "is_optimal": .bool(cost <= least),
        ]
    }

    var search: JSONObject {
        [
            "steps": .integer(Int64(solver.steps)),
            "step_limit": .integer(Int64(solver.stepLimit)),
            "ended_by": .string(solver.isExhausted ? "step_limit" : "nothing_better_found"),
            "pods": .integer(Int64(model.pods.count)),
            "pod_classes": .integer(Int64(model.classes.count)),
            "candidate_nodes": .integer(Int64(solver.candidates.count)),
        ]
    }

    var replacement: JSONValue {
        guard let replacement = solver.solution.replacement else { return .null }
        let slot = model.nodes[replacement.slot]
        var labels = JSONObject()
        for entry in slot.labels { labels[entry.key] = .string(entry.value) }
        var room = JSONObject()
        for (index, name) in model.resources.enumerated() { room[name] = .integer(replacement.room[index]) }
        return [
            "node": .string(slot.name),
            "instance_type": .string(replacement.spec.name),
            "availability_zone": .optional(slot.zone),
            "capacity_type": .string(slot.capacityType.rawValue),
            "hourly_price": Self.usd(replacement.price),
            "price_origin": .string(replacement.priceOrigin.rawValue),
            "replaces": .array(replacement.replaced.map { .string(model.nodes[$0].name) }),
            "template_node": .optional(slot.template.map { model.nodes[$0].name }),
            "suitable_types": .integer(Int64(replacement.alternatives)),
            "allocatable": .object(room),
            "labels": .object(labels),
            "taints": .array(
                slot.taints.map {
                    [
                        "key": .string($0.key), "value": .string($0.value), "effect": .string($0.effect.rawValue),
                    ]
                }
            ),
        ]
    }

    var missingPrices: [JSONValue] {
        (0..<model.nodeCount).filter { model.nodes[$0].price == nil }.map { node in
            [
                "node": .string(model.nodes[node].name), "instance_type": .optional(model.nodes[node].instanceType),
                "capacity_type": .string(model.nodes[node].capacityType.rawValue),
            ]
        }
    }

    /// How many nodes got their price from where.
    var priceOrigins: JSONObject {
        var counts: [String: Int] = [:]
        for node in model.nodes.prefix(model.nodeCount) { counts[node.priceOrigin.rawValue, default: 0] += 1 }
        var object = JSONObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .integer(Int64(count)) }
        return object
    }

    var constraints: JSONObject {
        let options = request.options
        func optional(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
        return [
            "headroom": .double(options.headroom),
            "utilization_threshold": options.threshold.map { .double($0) } ?? .null,
            "max_moves": optional(options.maximumMoves),
            "max_nodes": optional(options.maximumNodes),
            "max_spot_share": options.maximumSpotShare.map { .double($0) } ?? .null,
            "min_nodes_per_zone": optional(options.minimumNodesPerZone),
            "min_zones": optional(options.minimumZones),
            "min_nodes": optional(options.minimumNodes),
            "allow_replacement": .bool(options.allowsReplacement),
            "allow_spot_replacement": .bool(options.allowsSpotReplacement),
            "allow_local_storage": .bool(options.allowsLocalStorage),
            "protect_system_pods": .bool(options.protectsSystemPods),
            "step_limit": .integer(Int64(solver.stepLimit)),
        ]
    }
}
