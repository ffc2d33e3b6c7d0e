import Contract

/// How many pods of a set may be down at once.
///
/// Kubernetes: pkg/registry/core/pod/storage/eviction.go: an eviction needs a budget with disruptionsAllowed above 0, and
/// a pod that several budgets cover cannot be evicted at all. A budget without a status is taken as allowing nothing:
/// nobody has computed yet what it allows.
struct DisruptionBudgetRule: Sendable {
    let budgets: [PodDisruptionBudget]
    private let byNamespace: [String: [Int]]
    /// Namespaces with a budget that could not be read: it may cover any of their pods.
    private let doubtful: Set<String>

    init(_ state: ClusterState) {
        let sorted = state.disruptionBudgets.sorted { $0.key < $1.key }
        budgets = sorted
        doubtful = Set(state.unreadable.filter { $0.kind == "PodDisruptionBudget" }.map(\.namespace))
        byNamespace = Dictionary(grouping: sorted.indices, by: { sorted[$0].meta.namespace })
    }

    func covering(_ pod: Pod) -> [Int] { (byNamespace[pod.namespace] ?? []).filter { budgets[$0].covers(pod) } }

    static func allowed(_ budget: PodDisruptionBudget) -> Int64 { max(0, budget.disruptionsAllowed ?? 0) }

    func pin(_ pod: Pod, _ covering: [Int]) -> NodeBlock? {
        let name = pod.key.description
        if doubtful.contains(pod.namespace) || doubtful.contains("") {
            return NodeBlock("disruption_budget_unreadable", pod: name)
        }
        if covering.count > 1 {
            return NodeBlock(
                "several_disruption_budgets",
                pod: name,
                detail: covering.map { budgets[$0].key.description }.joined(separator: ", ")
            )
        }
        guard let first = covering.first, Self.allowed(budgets[first]) == 0 else { return nil }
        let isUnknown = budgets[first].disruptionsAllowed == nil
        return NodeBlock(
            isUnknown ? "disruption_budget_without_status" : "disruption_budget",
            pod: name,
            detail: budgets[first].key.description
        )
    }
}
