import Contract

/// What the plan disturbs and how much slack it leaves.
struct PackRisk {
    let solver: PackSolver

    private var model: PackModel { solver.model }
    private var plan: DrainPlan { solver.solution.plan }

    /// 1 is safe: the share of pods that stay where they are, less for nodes filled to the brim.
    var safety: Double {
        let movable = model.pods.count { $0.role == .movable }
        let moved = Double(plan.moves.count) / Double(max(1, movable))
        return max(0, 1 - 0.3 * moved - 0.2 * max(0, fullest - 0.9) * 10)
    }

    /// The highest use of cpu or memory on any node that stays.
    private var fullest: Double {
        var most = 0.0
        for node in model.nodes.indices where plan.end.isAlive[node] && !model.nodes[node].isSlot {
            for index in [PackModel.cpu, PackModel.memory] {
                let place = node * model.dimensions + index
                guard model.capacity[place] > 0 else { continue }
                let used = model.limit[place] - plan.end.free[place]
                most = max(most, Double(used) / Double(model.capacity[place]))
            }
        }
        return most
    }

    var json: JSONObject {
        let moves = plan.moves
        let disruption = moves.reduce(0.0) { $0 + max(0, model.pods[$1.pod].disruption) }
        let budgeted = moves.count { !model.pods[$0.pod].budgets.isEmpty }
        let largest = plan.waves.map(\.moves.count).max() ?? 0
        return [
            "direction": "safety_score and risk_score: 1 is safe, 0 is unsafe",
            "safety_score": .rounded(safety, 4),
            "pods_moved": .integer(Int64(moves.count)),
            "pods_under_disruption_budgets": .integer(Int64(budgeted)),
            "disruption_cost": .rounded(disruption, 4),
            "largest_wave": .integer(Int64(largest)),
            "highest_use_after": .rounded(fullest, 4),
            "nodes_drained": .integer(Int64(plan.drained.count)),
            "abandoned_nodes": .array(plan.abandoned.map { .string(model.nodes[$0].name) }),
            "intermediate_states_checked": .integer(Int64(moves.count)),
            "unplaced_pending_pods": .integer(Int64(solver.unplaced.count)),
        ]
    }
}
