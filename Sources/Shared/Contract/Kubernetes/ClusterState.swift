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
    /// What could not be read or came twice; the first thousand, and a last entry that counts the rest.
    package var problems: [ItemProblem] = []
    /// Objects that are there but could not be read, or that come twice with different content.
    package private(set) var unreadable: [UnreadableObject] = []
    /// More objects were unreadable than are listed: nothing destructive can rest on such a state.
    package private(set) var isMostlyUnreadable = false
    /// What was taken for granted, such as units of bare numbers; sorted.
    package var assumptions: [String] = []

    package init() {}

    private static let mostUnreadable = 10_000

    package mutating func doubt(_ object: UnreadableObject) {
        if unreadable.count < Self.mostUnreadable { unreadable.append(object) } else { isMostlyUnreadable = true }
    }

    /// Nodes on which something runs that could not be read, or that could not be read themselves; sorted.
    package var doubtfulNodes: [String] {
        var names: Set<String> = []
        for object in unreadable {
            if object.kind == ObjectKind.node.rawValue { names.insert(object.name) }
            if let node = object.nodeName { names.insert(node) }
        }
        return names.sorted()
    }

    /// True when a pod could not be read and not even its node is known: it may run on any of them.
    package var hasUnplacedUnreadablePods: Bool {
        isMostlyUnreadable
            || unreadable.contains { ($0.kind == ObjectKind.pod.rawValue || $0.kind.isEmpty) && $0.nodeName == nil }
    }

    package var isEmpty: Bool { nodes.isEmpty && pods.isEmpty && workloads.isEmpty }
}
