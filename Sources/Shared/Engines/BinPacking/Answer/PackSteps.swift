import Contract

/// The steps that carry the plan out: surge, cordon, then evict, verify and terminate wave by wave.
struct PackSteps {
    let solver: PackSolver
    let options: PackOptions

    private var model: PackModel { solver.model }
    private var plan: DrainPlan { solver.solution.plan }
    /// Cluster Autoscaler waits this long for pods to end, beyond their grace.
    private static let evictionTimeout = 600

    var steps: [ExecutionStep] {
        guard !plan.waves.isEmpty else { return [] }
        var steps: [ExecutionStep] = []
        if let replacement = solver.solution.replacement { steps += surge(replacement) }
        for (number, wave) in plan.waves.enumerated() { steps += self.steps(wave, number: number + 1) }
        return steps
    }

    private func names(_ nodes: [Int]) -> [JSONValue] { nodes.map { .string(model.nodes[$0].name) } }

    private func surge(_ replacement: Replacement) -> [ExecutionStep] {
        let slot = model.nodes[replacement.slot]
        return [
            ExecutionStep(
                "launch_replacement_node",
                parameters: [
                    "instance_type": .string(replacement.spec.name), "count": 1,
                    "capacity_type": .string(slot.capacityType.rawValue), "availability_zone": .optional(slot.zone),
                    "like_node": .optional(slot.template.map { model.nodes[$0].name }), "node": .string(slot.name),
                ],
                timeoutSeconds: Self.evictionTimeout,
                description: "Launch \(replacement.spec.name) before anything is evicted"
            ),
            ExecutionStep(
                "wait_for_ready",
                parameters: ["node": .string(slot.name)],
                timeoutSeconds: Self.evictionTimeout,
                description: "Wait until the new node is Ready; until then nothing else happens"
            ),
        ]
    }

    private func steps(_ wave: DrainWave, number: Int) -> [ExecutionStep] {
        var steps: [ExecutionStep] = []
        if !wave.cordoned.isEmpty {
            steps.append(
                ExecutionStep(
                    "cordon_nodes",
                    parameters: ["nodes": .array(names(wave.cordoned)), "rollback": "uncordon_nodes"],
                    description: "Keep new pods off \(wave.cordoned.count) nodes that go; undone by uncordon"
                )
            )
        }
        if !wave.uncordoned.isEmpty {
            steps.append(
                ExecutionStep(
                    "uncordon_nodes",
                    parameters: ["nodes": .array(names(wave.uncordoned))],
                    description: "Open \(wave.uncordoned.count) nodes again: no order of allowed steps empties them"
                )
            )
        }
        let pods: [JSONValue] = wave.moves.map { .string(model.pods[$0.pod].key.description) }
        if !pods.isEmpty {
            steps.append(
                ExecutionStep(
                    "evict_pods",
                    parameters: [
                        "wave": .integer(Int64(number)), "pods": .array(pods), "one_at_a_time": true,
                        "api": "policy/v1 Eviction", "respect_pod_disruption_budgets": true,
                        "max_grace_seconds": .integer(Int64(options.maximumGraceSeconds)),
                    ],
                    timeoutSeconds: Self.evictionTimeout,
                    requiresConfirmation: true,
                    description: "Wave \(number): evict \(pods.count) pods in this order, each once the one before runs"
                )
            )
            steps.append(
                ExecutionStep(
                    "verify_pods_running",
                    parameters: ["wave": .integer(Int64(number)), "pods_expected": .integer(Int64(pods.count))],
                    timeoutSeconds: Self.evictionTimeout,
                    description: "Wait until all of them run elsewhere and the disruption budgets have recovered"
                )
            )
        }
        if !wave.terminated.isEmpty {
            steps.append(
                ExecutionStep(
                    "terminate_nodes",
                    parameters: ["wave": .integer(Int64(number)), "nodes": .array(names(wave.terminated))],
                    requiresConfirmation: true,
                    rollbackOnFailure: false,
                    description:
                        "Terminate \(wave.terminated.count) nodes on which only DaemonSet and static pods are left"
                )
            )
        }
        return steps
    }
}
