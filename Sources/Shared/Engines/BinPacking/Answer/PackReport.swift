import Contract

/// The plan in the words of the answer.
struct PackReport: Sendable {
    static let hoursPerMonth = 730.0

    let request: PackRequest
    let solver: PackSolver
    let drained: [Int]

    private var model: PackModel { solver.model }
    private var plan: DrainPlan { solver.solution.plan }

    init(request: PackRequest, solver: PackSolver) {
        self.request = request
        self.solver = solver
        drained = solver.solution.plan.drained
    }

    /// Billionths of a USD per hour, of known prices only.
    var savings: Int64 { max(0, solver.costBefore - solver.solution.cost) }

    static func usd(_ nanos: Int64?) -> JSONValue { nanos.map { .rounded(ExactPrice.usd($0), 9) } ?? .null }
    static func monthly(_ nanos: Int64?) -> JSONValue {
        nanos.map { .rounded(ExactPrice.usd($0) * hoursPerMonth, 2) } ?? .null
    }

    func nodeName(_ node: Int) -> JSONValue { node < 0 ? .null : .string(model.nodes[node].name) }

    // MARK: Recommendations

    /// The replacement first, then one item per node to drain, the dearest first.
    func recommendations(confidence: Double) -> [JSONValue] {
        var items: [JSONValue] = []
        if let replacement = solver.solution.replacement {
            let slot = model.nodes[replacement.slot]
            items.append([
                "action": "launch_replacement",
                "instance_type": .string(replacement.spec.name),
                "node_count": 1,
                "availability_zone": .optional(slot.zone),
                "capacity_type": .string(slot.capacityType.rawValue),
                "node": .string(slot.name),
                "hourly_price": Self.usd(replacement.price),
                "monthly_cost": Self.monthly(replacement.price),
                "monthly_savings": 0,
                "savings_percentage": 0,
                "risk_score": .rounded(PackRisk(solver: solver).safety, 4),
                "confidence_score": .rounded(confidence, 4),
                "reason": .string("one cheaper node takes over what \(replacement.replaced.count) nodes run"),
            ])
        }
        var moves: [Int: Int] = [:]
        for move in plan.moves { moves[move.from, default: 0] += 1 }
        let order = drained.sorted { (-(model.nodes[$0].price ?? 0), $0) < (-(model.nodes[$1].price ?? 0), $1) }
        for node in order { items.append(item(node, moves: moves[node] ?? 0, confidence)) }
        return items
    }

    private func item(_ node: Int, moves: Int, _ confidence: Double) -> JSONValue {
        let info = model.nodes[node]
        return [
            "action": "drain_and_terminate",
            "node": .string(info.name),
            "instance_type": .optional(info.instanceType),
            "node_count": 1,
            "availability_zone": .optional(info.zone),
            "capacity_type": .string(info.capacityType.rawValue),
            "hourly_price": Self.usd(info.price),
            "monthly_cost": Self.monthly(info.price),
            "monthly_savings": Self.monthly(info.price),
            "savings_percentage": info.price == nil ? .null : 1,
            "pods_to_move": .integer(Int64(moves)),
            "risk_score": .rounded(1 / (1 + 0.02 * Double(moves)), 4),
            "confidence_score": .rounded(confidence, 4),
            "reason": .string(moves == 0 ? "nothing on it has to move" : "its \(moves) pods fit on other nodes"),
        ]
    }

    // MARK: Lists

    /// In the order in which they are carried out.
    var migrations: [JSONValue] {
        plan.moves.enumerated().map { order, move in
            let pod = model.pods[move.pod]
            return [
                "order": .integer(Int64(order + 1)),
                "wave": .integer(Int64(move.wave)),
                "namespace": .string(pod.key.namespace),
                "pod": .string(pod.key.name),
                "from": nodeName(move.from),
                "to": nodeName(move.to),
                "grace_period_seconds": .integer(
                    min(pod.graceSeconds, Int64(request.options.maximumGraceSeconds))
                ),
            ]
        }
    }

    /// Where pods that wait are expected.
    var placements: [JSONValue] {
        plan.placements.map { move in
            [
                "namespace": .string(model.pods[move.pod].key.namespace),
                "pod": .string(model.pods[move.pod].key.name),
                "to": nodeName(move.to),
            ]
        }
    }

    var waves: [JSONValue] {
        plan.waves.enumerated().map { number, wave in
            [
                "wave": .integer(Int64(number + 1)),
                "cordon": .array(wave.cordoned.map(nodeName)),
                "uncordon": .array(wave.uncordoned.map(nodeName)),
                "evictions": .integer(Int64(wave.moves.count)),
                "terminate": .array(wave.terminated.map(nodeName)),
            ]
        }
    }

    var kept: [JSONValue] {
        (0..<model.nodeCount).filter { plan.end.isAlive[$0] }.map { node in
            let info = model.nodes[node]
            return [
                "node": .string(info.name),
                "instance_type": .optional(info.instanceType),
                "availability_zone": .optional(info.zone),
                "capacity_type": .string(info.capacityType.rawValue),
                "hourly_price": Self.usd(info.price),
                "before": use(solver.start, node),
                "after": use(plan.end, node),
            ]
        }
    }

    /// Shares of what the node offers; null where it offers nothing.
    func use(_ state: Placement, _ node: Int) -> JSONValue {
        let base = node * model.dimensions
        var shares = JSONObject()
        for index in [PackModel.cpu, PackModel.memory, PackModel.podSlots] {
            let capacity = model.capacity[base + index]
            let used = model.limit[base + index] - state.free[base + index]
            shares[model.resources[index]] = capacity > 0 ? .rounded(Double(used) / Double(capacity), 4) : .null
        }
        return .object(shares)
    }

    /// Nodes that stay for a reason of their own, with up to five reasons each.
    var blocked: [JSONValue] {
        (0..<model.nodeCount).filter { !model.nodes[$0].blocks.isEmpty }.map { node in
            let blocks = model.nodes[node].blocks
            return [
                "node": .string(model.nodes[node].name),
                "reasons": .array(
                    blocks.prefix(5).map { block in
                        [
                            "reason": .string(block.reason), "pod": .optional(block.pod),
                            "detail": .optional(block.detail),
                        ]
                    }
                ),
                "reason_count": .integer(Int64(blocks.count)),
            ]
        }
    }

    var rejections: Rejections {
        var rejections = Rejections()
        for node in 0..<model.nodeCount where plan.end.isAlive[node] {
            let first = model.nodes[node].blocks.first
            rejections.add(
                Rejection(
                    model.nodes[node].name,
                    first?.reason ?? (plan.abandoned.contains(node) ? "no_order_of_steps" : "needed_for_its_pods"),
                    detail: first.flatMap { $0.pod ?? $0.detail }
                )
            )
        }
        return rejections
    }
}
