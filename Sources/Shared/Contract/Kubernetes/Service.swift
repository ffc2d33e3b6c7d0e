/// A name under which pods are reached.
package struct Service: Sendable, Hashable {
    package var meta: ObjectMeta
    /// Empty: it selects no pods by itself.
    package var selector: Labels = [:]
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    package var type = "ClusterIP"
    package var isHeadless = false
    /// `PreferSameZone`, `PreferClose`, `PreferSameNode`; empty when not written.
    package var trafficDistribution = ""
    /// `Cluster` or `Local`.
    package var internalTrafficPolicy = "Cluster"

    package init(meta: ObjectMeta) { self.meta = meta }

    package var key: ObjectKey { meta.key }

    package func selects(_ pod: Pod) -> Bool {
        !selector.isEmpty && pod.namespace == meta.namespace
            && selector.allSatisfy { pod.labels[$0.key] == $0.value }
    }
}
