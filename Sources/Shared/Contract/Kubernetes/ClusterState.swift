/// A cluster as the caller described it: every object that could be read, and a problem for each that could not.
///
/// Each list holds its objects in the order they came, without duplicates.
package struct ClusterState: Sendable, Hashable {
    package var nodes: [Node] = []
    package var pods: [Pod] = []
    package var workloads: [Workload] = []
    package var persistentVolumes: [PersistentVolume] = []
    package var claims: [PersistentVolumeClaim] = []
    package var disruptionBudgets: [PodDisruptionBudget] = []
    package var autoscalers: [HorizontalPodAutoscaler] = []
    package var verticalAutoscalers: [VerticalPodAutoscaler] = []
    package var limitRanges: [LimitRange] = []
    package var quotas: [ResourceQuota] = []
    package var events: [KubernetesEvent] = []
    package var namespaces: [NamespaceObject] = []
    package var storageClasses: [StorageClass] = []
    package var services: [Service] = []
    /// Measurements as they were sent; each engine reads what it knows.
    package var metrics = JSONValue.null
    /// The name the state itself carries, if any.
    package var clusterName: String?
    package var region: String?
    package var problems: [ItemProblem] = []

    package init() {}

    package var isEmpty: Bool { nodes.isEmpty && pods.isEmpty && workloads.isEmpty }
}
