import Contract

/// The steps that carry the automatic repairs out: the documented three, with every patch in them.
enum OOMPlan {
    static func steps(_ cases: [OOMCase]) -> [ExecutionStep] {
        let planned = cases.filter { $0.patch.obstacle == nil || $0.key.container.isEmpty }
        guard !planned.isEmpty else { return [] }
        let names = planned.map { JSONValue.string($0.key.text) }
        return [
            ExecutionStep(
                "update_deployments",
                parameters: [
                    "containers": .array(names),
                    "resources": .array(planned.map { .object($0.patch.resources) }),
                    "patches": .array(planned.filter { $0.patch.obstacle == nil }.map(\.patch.json)),
                    "rollback_procedure": "Apply the former resources again",
                ],
                requiresConfirmation: true,
                description: "Set the memory of \(planned.count) containers in the objects their pods come from"
            ),
            ExecutionStep(
                "rolling_restart",
                parameters: ["containers": .array(names), "respect_pod_disruption_budgets": true],
                timeoutSeconds: 1800,
                requiresConfirmation: true,
                description: "Let the rolling update replace the pods, and wait until all are available"
            ),
            ExecutionStep(
                "monitor_pods",
                parameters: ["containers": .array(names), "duration_hours": 24],
                timeoutSeconds: 86_400,
                description: "Watch for further memory kills for 24 hours"
            ),
        ]
    }
}
