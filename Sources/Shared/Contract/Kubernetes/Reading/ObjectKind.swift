/// The kinds of objects a cluster state is made of, under all the names their lists go by.
enum ObjectKind: String, CaseIterable {
    case node = "Node"
    case pod = "Pod"
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case replicaSet = "ReplicaSet"
    case job = "Job"
    case cronJob = "CronJob"
    case replicationController = "ReplicationController"
    case persistentVolume = "PersistentVolume"
    case claim = "PersistentVolumeClaim"
    case disruptionBudget = "PodDisruptionBudget"
    case autoscaler = "HorizontalPodAutoscaler"
    case scaledObject = "ScaledObject"
    case verticalAutoscaler = "VerticalPodAutoscaler"
    case limitRange = "LimitRange"
    case quota = "ResourceQuota"
    case event = "Event"
    case namespace = "Namespace"
    case storageClass = "StorageClass"
    case service = "Service"
    case csiNode = "CSINode"

    private static let byName: [String: ObjectKind] = {
        var names: [String: ObjectKind] = [:]
        for kind in allCases {
            let name = folded(kind.rawValue)
            names[name] = kind
            names[name + (name.hasSuffix("s") ? "es" : "s")] = kind
            names[name + "list"] = kind
        }
        let short: [(String, ObjectKind)] = [
            ("pv", .persistentVolume), ("pvs", .persistentVolume), ("pvc", .claim), ("pvcs", .claim),
            ("pdb", .disruptionBudget), ("pdbs", .disruptionBudget), ("hpa", .autoscaler), ("hpas", .autoscaler),
            ("vpa", .verticalAutoscaler), ("vpas", .verticalAutoscaler), ("svc", .service), ("ns", .namespace),
            ("sts", .statefulSet), ("ds", .daemonSet), ("rs", .replicaSet), ("quota", .quota), ("quotas", .quota),
            ("k8snodes", .node), ("kubernetesnodes", .node), ("k8spods", .pod), ("kubernetesevents", .event),
            ("k8sevents", .event), ("k8spvs", .persistentVolume), ("k8spvcs", .claim),
        ]
        for (name, kind) in short { names[name] = kind }
        return names
    }()

    /// Names of lists whose items say themselves what they are.
    private static let mixedLists: Set<String> = [
        "items", "objects", "resources", "k8sobjects", "kubernetesobjects", "manifests",
    ]
    private static let workloadLists: Set<String> = ["workloads", "controllers"]

    /// Case, hyphens and underscores do not matter.
    static func folded(_ name: String) -> String {
        String(decoding: name.utf8.lazy.filter { $0 != 0x5F && $0 != 0x2D }.map(lowercase), as: UTF8.self)
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    /// Reads `Pod`, `PodList`, `pods`, `persistent_volume_claims`, `pvcs`.
    init?(name: String) {
        guard name.utf8.count <= 64, let kind = Self.byName[Self.folded(name)] else { return nil }
        self = kind
    }

    static func isMixedList(_ name: String) -> Bool { name.utf8.count <= 64 && mixedLists.contains(folded(name)) }

    static func isWorkloadList(_ name: String) -> Bool {
        name.utf8.count <= 64 && workloadLists.contains(folded(name))
    }

    var workload: Workload.Kind? { Workload.Kind(rawValue: rawValue) }
}
