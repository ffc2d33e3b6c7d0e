/// How many pods of a set may be down at once.
package struct PodDisruptionBudget: Sendable, Hashable {
    /// A count, or a share of the pods.
    package enum Threshold: Sendable, Hashable {
        case count(Int64)
        /// 0 to 100.
        case percent(Int64)

        /// The number of pods meant, of so many; shares are rounded up, as the API does for both fields.
        package func count(of total: Int64) -> Int64 {
            switch self {
            case .count(let count): return count
            case .percent(let percent):
                let product = Swift.max(0, total).multipliedClamped(by: Swift.max(0, percent))
                return product / 100 + (product % 100 == 0 ? 0 : 1)
            }
        }
    }

    package var meta: ObjectMeta
    /// Nothing: no pod (policy/v1); empty: every pod of the namespace.
    package var selector: LabelSelector?
    package var minAvailable: Threshold?
    package var maxUnavailable: Threshold?
    /// As the controller last computed it; nothing when the state has no status.
    package var disruptionsAllowed: Int64?
    package var currentHealthy: Int64?
    package var desiredHealthy: Int64?
    package var expectedPods: Int64?
    /// `IfHealthyBudget` unless `AlwaysAllow` is written: whether unready pods count against the budget.
    package var alwaysAllowsUnhealthy = false

    package init(meta: ObjectMeta) { self.meta = meta }

    package var key: ObjectKey { meta.key }

    package func covers(_ pod: Pod) -> Bool {
        pod.namespace == meta.namespace && selector?.matches(pod.labels) ?? false
    }
}
