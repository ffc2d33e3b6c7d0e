import Contract

/// What else changes a workload's replicas, or watches over its pods.
struct ScalingConflicts: Sendable {
    private struct Target: Hashable {
        var namespace: String
        var kind: String
        var name: String
    }

    private var autoscalers: [Target: [HorizontalPodAutoscaler]] = [:]
    private var budgetsByNamespace: [String: [PodDisruptionBudget]] = [:]

    init(_ cluster: ClusterState) {
        for scaler in cluster.autoscalers {
            let target = Target(
                namespace: scaler.meta.namespace,
                // KEDA leaves the kind out when it means a Deployment.
                kind: scaler.target.kind.isEmpty ? "Deployment" : scaler.target.kind,
                name: scaler.target.name
            )
            autoscalers[target, default: []].append(scaler)
        }
        for budget in cluster.disruptionBudgets {
            budgetsByNamespace[budget.meta.namespace, default: []].append(budget)
        }
    }

    /// An autoscaler at zero replicas pauses and comes back with the replicas; KEDA would scale up by itself, and any of
    /// them fights a number below its minimum.
    func flags(_ workload: Workload, downReplicas: Int64) -> [String] {
        guard !autoscalers.isEmpty else { return [] }
        let target = Target(
            namespace: workload.meta.namespace,
            kind: workload.kind.rawValue,
            name: workload.meta.name
        )
        var flags: Set<String> = []
        for scaler in autoscalers[target] ?? [] {
            if scaler.kind == "ScaledObject" {
                flags.insert("keda_conflict")
            } else {
                flags.insert("hpa_conflict")
                if downReplicas > 0, downReplicas < scaler.minReplicas { flags.insert("below_hpa_minimum") }
            }
        }
        return flags.sorted()
    }

    /// Budgets over its pods: they do not stop scaling, which is no eviction, but people who set them want to know.
    func budgets(of workload: Workload) -> [String] {
        guard let budgets = budgetsByNamespace[workload.meta.namespace] else { return [] }
        return budgets.filter { $0.selector?.matches(workload.templateLabels) ?? false }.map(\.meta.name).sorted()
    }
}
