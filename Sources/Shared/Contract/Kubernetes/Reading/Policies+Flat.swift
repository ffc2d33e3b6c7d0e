extension PersistentVolume {
    /// Reads a volume in the small shape: `{"name", "volume_id", "phase", "claim_name", …}`.
    init(flat reader: JSONReader, key: String?) throws(APIError) {
        var flat = try FlatFields(reader)
        let names = ["name", "pv_name", "id", "volume_id"]
        self.init(meta: ObjectMeta(name: try flat.name(names, or: key)))
        meta.uid = try flat.text(["uid"]) ?? ""
        meta.labels = try flat.labels(["labels"])
        volumeHandle =
            try flat.text(["volume_handle", "volumeHandle", "volume_id", "ebs_volume_id", "aws_volume_id"]) ?? ""
        ebsVolumeID = Self.volumeID(volumeHandle)
        phase = try flat.text(["phase", "status", "state"]).flatMap(Self.phase(named:))
        reclaimPolicy = try flat.text(["reclaim_policy", "persistentVolumeReclaimPolicy"]).flatMap { word in
            ReclaimPolicy.allCases.first { $0.rawValue.lowercased() == word.lowercased() }
        }
        if let name = try flat.text(["claim_name", "pvc_name", "claim", "pvc"]) {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            let namespace = try flat.text(["claim_namespace", "pvc_namespace", "namespace"]) ?? "default"
            claim =
                parts.count == 2
                ? ObjectKey(namespace: parts[0], name: parts[1]) : ObjectKey(namespace: namespace, name: name)
        }
        storageClass = try flat.text(["storage_class", "storageClassName"]) ?? ""
        capacity = try flat.bytes("storage", ["capacity", "size", "storage"], largestGiB: 65_536)
        zone = try flat.text(["availability_zone", "zone", "az"])
    }

    private static func phase(named word: String) -> Phase? {
        Phase.allCases.first { $0.rawValue.lowercased() == word.lowercased() }
    }
}

extension PersistentVolumeClaim {
    /// Reads a claim in the small shape: `{"name", "namespace", "volume_name", "status", …}`.
    init(flat reader: JSONReader, key: String?) throws(APIError) {
        var flat = try FlatFields(reader)
        let names = ["name", "pvc_name", "id"]
        self.init(meta: ObjectMeta(name: try flat.name(names, or: key)))
        meta.namespace = try flat.text(["namespace", "ns"]) ?? "default"
        meta.uid = try flat.text(["uid"]) ?? ""
        meta.labels = try flat.labels(["labels"])
        volumeName = try flat.text(["volume_name", "volumeName", "pv_name", "volume"])
        let word = try flat.text(["phase", "status", "state"])?.lowercased()
        phase = Phase.allCases.first { $0.rawValue.lowercased() == word }
        storageClass = try flat.text(["storage_class", "storageClassName"])
        requestedStorage = try flat.bytes("storage", ["requested_storage", "size", "storage"], largestGiB: 65_536)
    }
}

extension PodDisruptionBudget {
    /// Reads a budget in the small shape: `{"name", "namespace", "selector", "min_available", …}`.
    init(flat reader: JSONReader, key: String?) throws(APIError) {
        let flat = try FlatFields(reader)
        let names = ["name", "pdb_name", "id"]
        self.init(meta: ObjectMeta(name: try flat.name(names, or: key)))
        meta.namespace = try flat.text(["namespace", "ns"]) ?? "default"
        selector = try flat.fields.first(["selector", "match_labels", "matchLabels"])
            .map(LabelSelector.init(selectorOrLabels:))
        minAvailable = try flat.fields.first(["min_available", "minAvailable"]).map(Threshold.init(_:))
        maxUnavailable = try flat.fields.first(["max_unavailable", "maxUnavailable"]).map(Threshold.init(_:))
        disruptionsAllowed = try flat.count(["disruptions_allowed", "disruptionsAllowed", "allowed_disruptions"])
        currentHealthy = try flat.count(["current_healthy", "currentHealthy"])
        desiredHealthy = try flat.count(["desired_healthy", "desiredHealthy"])
        expectedPods = try flat.count(["expected_pods", "expectedPods"])
    }
}

extension HorizontalPodAutoscaler {
    /// Reads an autoscaler in the small shape: `{"name", "namespace", "target_name", "min_replicas", …}`.
    init(flat reader: JSONReader, key: String?) throws(APIError) {
        let flat = try FlatFields(reader)
        let target = try flat.text(["target_name", "target", "deployment", "workload", "scale_target"])
        let names = ["name", "hpa_name", "id"]
        self.init(
            meta: ObjectMeta(name: try flat.name(names, or: key ?? target)),
            target: ScaleTarget(kind: try flat.text(["target_kind"]) ?? "Deployment", name: target ?? "")
        )
        meta.namespace = try flat.text(["namespace", "ns"]) ?? "default"
        minReplicas = try flat.count(["min_replicas", "minReplicas"]) ?? 1
        maxReplicas = try flat.count(["max_replicas", "maxReplicas"])
        metricNames = Set(try flat.fields.first(["metrics", "metric_names"])?.strings() ?? []).sorted()
    }
}

extension NamespaceObject {
    init(flat reader: JSONReader, key: String?) throws(APIError) {
        let flat = try FlatFields(reader)
        self.init(meta: ObjectMeta(name: try flat.name(["name", "namespace"], or: key)))
        meta.labels = try flat.labels(["labels"])
        meta.annotations = try flat.labels(["annotations"])
    }
}

extension KubernetesEvent {
    /// Reads an event in the small shape: `{"reason", "message", "pod_name", "namespace", "timestamp", …}`.
    init(flat reader: JSONReader) throws(APIError) {
        let flat = try FlatFields(reader)
        let namespace = try flat.text(["namespace", "ns"]) ?? "default"
        let pod = try flat.text(["pod_name", "pod"])
        let node = try flat.text(["node_name", "node", "host"])
        // Events in this shape rarely have names; their place in the list tells them apart.
        let name = try flat.text(["name", "event_id", "id"]) ?? reader.path.description
        self.init(meta: ObjectMeta(name: name, namespace: namespace, uid: try flat.text(["uid"]) ?? ""))
        reason = try flat.text(["reason", "event_type"]) ?? ""
        type = try flat.text(["type", "severity"]) ?? ""
        message = try flat.fields.text("message")
        let kind = pod != nil ? "Pod" : node != nil ? "Node" : ""
        involved = Subject(
            kind: try flat.text(["object_kind", "kind"]) ?? kind,
            namespace: namespace,
            name: try flat.text(["object_name", "object"]) ?? pod ?? node ?? ""
        )
        count = max(1, try flat.count(["count"]) ?? 1)
        lastSeen = try flat.time(["last_timestamp", "last_seen", "timestamp", "time", "event_time"])
        firstSeen = try flat.time(["first_timestamp", "first_seen"]) ?? lastSeen
        sourceHost = node ?? ""
    }
}
