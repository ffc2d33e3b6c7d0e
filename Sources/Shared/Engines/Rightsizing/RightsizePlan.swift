import Contract

/// The steps that carry rightsizing out: nodes in danger first, then smaller nodes, then larger ones, then containers,
/// each in waves of a quarter with a look after every wave.
struct RightsizePlan {
    private(set) var steps: [ExecutionStep] = []
    private let policy: RightsizePolicy

    init(_ evaluation: RightsizeEvaluation) {
        policy = evaluation.request.policy
        let nodes = evaluation.actionableNodes
        let containers = evaluation.actionableContainers
        guard !nodes.isEmpty || !containers.isEmpty else { return }
        addPreflight()
        let upsizes = nodes.filter { $0.action == .upsize }
        let policy = policy
        addNodes(upsizes.filter { $0.isDangerous(policy) }, phase: "safety_upsize", verb: "upsizes", minutes: 30)
        addNodes(nodes.filter { $0.action == .downsize }, phase: "downsize", verb: "downsizes", minutes: 15)
        addNodes(upsizes.filter { !$0.isDangerous(policy) }, phase: "upsize", verb: "upsizes", minutes: 30)
        addContainers(containers)
        add(
            "validate_final_state",
            phase: "post_execution",
            minutes: 15,
            rollback: "Restore the saved state if workloads are not stable",
            description: "Check that all nodes are Ready and all workloads are available"
        )
    }

    private mutating func addPreflight() {
        add(
            "validate_cluster_health",
            phase: "pre_flight",
            minutes: 5,
            rollback: "Nothing to undo: only looks",
            description: "Check that nodes are Ready, no rollout is under way and there is room for one more node"
        )
        add(
            "backup_cluster_state",
            phase: "pre_flight",
            minutes: 10,
            rollback: "Nothing to undo: only copies",
            description: "Save node group sizes, instance types and the resources of every workload to be changed"
        )
    }

    private mutating func addNodes(_ nodes: [NodeRecommendation], phase: String, verb: String, minutes: Int) {
        let ordered = nodes.sorted { left, right in
            (right.merge.confidence, left.node.name) < (left.merge.confidence, right.node.name)
        }
        for (wave, part) in waves(ordered).enumerated() {
            let replacements = part.map { item -> JSONValue in
                [
                    "node": .string(item.node.name), "from": .optional(item.node.instanceType),
                    "to": .string(item.choice.spec.name),
                ]
            }
            add(
                "execute_\(verb)",
                phase: phase,
                minutes: part.count * 15,
                rollback: "Launch the former instance type and move the pods back",
                parameters: [
                    "wave": .integer(Int64(wave + 1)),
                    "nodes": .array(part.map { .string($0.node.name) }),
                    "replacements": .array(replacements),
                    "launch_before_drain": true,
                    "respect_pod_disruption_budgets": true,
                ],
                isDestructive: true,
                description: "Replace \(part.count) nodes: launch the new type, cordon, drain, terminate the old node"
            )
            add(
                "validate_\(verb)",
                phase: phase,
                minutes: minutes,
                rollback: "Undo this wave and stop if pods are pending, restarting or slower",
                parameters: ["wave": .integer(Int64(wave + 1)), "stop_on_failure": true],
                description: "Watch the workloads of the new nodes for \(minutes) minutes"
            )
        }
    }

    private mutating func addContainers(_ containers: [ContainerRecommendation]) {
        // What is too small goes first: it hurts today.
        let ordered = containers.sorted { left, right in
            (rank(left), left.unit.key) < (rank(right), right.unit.key)
        }
        for (wave, part) in waves(ordered).enumerated() {
            add(
                "apply_resource_patches",
                phase: "containers",
                minutes: 10,
                rollback: "Apply the saved resources again",
                parameters: [
                    "wave": .integer(Int64(wave + 1)),
                    "containers": .array(part.map { .string($0.unit.key.text) }),
                    "patches": .array(part.map(\.patch.json)),
                ],
                isDestructive: true,
                description: "Set the resources of \(part.count) containers; their pods are replaced by rolling updates"
            )
            add(
                "validate_resource_patches",
                phase: "containers",
                minutes: 15,
                rollback: "Undo this wave and stop if containers are killed for memory or throttled",
                parameters: ["wave": .integer(Int64(wave + 1)), "stop_on_failure": true],
                description: "Watch restarts, memory kills and throttling for 15 minutes"
            )
        }
    }

    private func rank(_ item: ContainerRecommendation) -> Int { item.sizing.action == .downsize ? 1 : 0 }

    /// Quarters, rounded up: four waves at most.
    private func waves<Item>(_ items: [Item]) -> [[Item]] {
        let size = max(1, Int((Double(items.count) * policy.waveShare).rounded(.up)))
        return stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
    }

    private mutating func add(
        _ action: String,
        phase: String,
        minutes: Int,
        rollback: String,
        parameters: JSONObject = [:],
        isDestructive: Bool = false,
        description: String
    ) {
        var parameters = parameters
        parameters["phase"] = .string(phase)
        parameters["estimated_duration_minutes"] = .integer(Int64(minutes))
        parameters["rollback_procedure"] = .string(rollback)
        steps.append(
            ExecutionStep(
                action,
                parameters: parameters,
                timeoutSeconds: max(300, minutes.multipliedReportingOverflow(by: 120).partialValue),
                requiresConfirmation: isDestructive,
                description: description
            )
        )
    }
}
