extension Pod {
    /// A pod of more cores or GiB is rarer than a caller who means millicores or MiB.
    private static let mostCores = 192.0
    private static let mostGiB = 63.0

    static let flatNames = ["name", "pod_name", "pod", "id"]

    /// Reads a pod in the small shape: `{"name", "namespace", "node_name", "cpu_request", "memory_request", …}`.
    init(flat reader: JSONReader, key: String?, assumptions: inout [String]) throws(APIError) {
        var flat = try FlatFields(reader)
        self.init(meta: ObjectMeta(name: try flat.name(Self.flatNames, or: key)))
        self.flat = flat.fields.object
        meta.namespace = try flat.text(["namespace", "ns"]) ?? "default"
        meta.uid = try flat.text(["uid", "pod_uid"]) ?? ""
        meta.labels = try flat.labels(["labels"])
        meta.annotations = try flat.labels(["annotations"])
        meta.createdAt = try flat.time(["created_at", "creation_timestamp"])
        meta.deletedAt = try flat.time(["deleted_at", "deletion_timestamp"])
        meta.owners = try Self.owners(flat)
        nodeName = try flat.text(["node_name", "node", "nodeName", "host"])
        try readState(flat)
        try readWishes(flat)
        try readAmounts(&flat)
        try readStatuses(flat)
        assumptions += flat.assumptions
    }

    private static func owners(_ flat: FlatFields) throws(APIError) -> [OwnerReference] {
        if let name = try flat.text(["owner_name", "controller_name", "workload_name"]) {
            let kind = try flat.text(["owner_kind", "controller_kind", "workload_kind", "owner_type"]) ?? "Deployment"
            return [OwnerReference(kind: kind, name: name)]
        }
        // `{"deployment": "web"}` names the kind in the member.
        for (key, kind) in [
            ("deployment", "Deployment"), ("statefulset", "StatefulSet"), ("daemonset", "DaemonSet"), ("job", "Job"),
        ] {
            if case .string(let name) = flat.fields.value(key), !name.isEmpty {
                return [OwnerReference(kind: kind, name: name)]
            }
        }
        return []
    }

    private mutating func readState(_ flat: FlatFields) throws(APIError) {
        let word = try flat.text(["phase", "status", "state"])?.lowercased() ?? ""
        phase =
            switch word {
            case "running", "ready", "active", "crashloopbackoff", "oomkilled", "error": .running
            case "pending", "containercreating", "unschedulable": .pending
            case "succeeded", "completed": .succeeded
            case "failed", "evicted": .failed
            // A pod on a node uses it, whatever is said or not said.
            default: nodeName == nil ? .pending : .running
            }
        reason = word == "evicted" ? "Evicted" : try flat.text(["reason"]) ?? ""
        startTime = try flat.time(["start_time", "started_at"])
        address = try flat.text(["pod_ip", "ip", "address"]) ?? ""
        qosClass = try flat.text(["qos_class", "qos"]).flatMap { QoSClass(rawValue: $0) }
    }

    private mutating func readWishes(_ flat: FlatFields) throws(APIError) {
        priority = try flat.fields.integer("priority") ?? 0
        priorityClass = try flat.text(["priority_class", "priority_class_name"]) ?? ""
        nodeSelector = try flat.labels(["node_selector", "nodeSelector"])
        if let list = flat.fields.reader("tolerations") {
            for element in try list.elements() { tolerations.append(try Toleration(element)) }
        }
        if let affinity = flat.fields.reader("affinity"), case .object = affinity.value {
            self.affinity = try Affinity(try JSONFields(affinity))
        }
        topologySpread = try flat.fields.list("topologySpreadConstraints", TopologySpread.init(_:))
        hostNetwork = try flat.flag(["host_network", "hostNetwork"]) ?? false
        terminationGracePeriodSeconds =
            try flat.count(["termination_grace_period_seconds", "grace_period_seconds"]) ?? 30
        for (index, claim) in try flat.fields.first(["pvcs", "persistent_volume_claims", "claims"])?.strings()
            .enumerated() ?? [].enumerated()
        {
            volumes.append(PodVolume(name: "claim-\(index)", source: .claim(name: claim)))
        }
    }

    private mutating func readAmounts(_ flat: inout FlatFields) throws(APIError) {
        if case .array(let list) = flat.fields.value("containers"), list.contains(where: { $0["resources"] != nil }) {
            containers = try flat.fields.list("containers", Container.init(_:))
            initContainers = try flat.fields.list("initContainers", Container.init(_:))
        } else {
            var container = Container(name: try flat.text(["container_name", "container"]) ?? "main")
            container.image = try flat.text(["image"]) ?? ""
            container.requests.cpu = try cpu(&flat, ["cpu_request", "cpu_requests", "requested_cpu", "cpu"])
            container.requests.memory = try memory(
                &flat,
                ["memory_request", "memory_requests", "requested_memory", "memory"]
            )
            container.limits.cpu = try cpu(&flat, ["cpu_limit", "cpu_limits"])
            container.limits.memory = try memory(&flat, ["memory_limit", "memory_limits"])
            if let gpus = try flat.count(["gpu", "gpus", "gpu_request", "gpu_count"]), gpus > 0 {
                container.requests.extended["nvidia.com/gpu"] = gpus
            }
            containers = [container]
        }
        var usage = ResourceUsage()
        usage.cpu = try cpu(&flat, ["cpu_usage", "cpu_used"])
        usage.memory = try memory(&flat, ["memory_usage", "memory_used"])
        self.usage = usage.isEmpty ? nil : usage
    }

    private func cpu(_ flat: inout FlatFields, _ keys: [String]) throws(APIError) -> Int64? {
        try flat.millicores("CPU of pods", keys, largest: Self.mostCores)
    }

    private func memory(_ flat: inout FlatFields, _ keys: [String]) throws(APIError) -> Int64? {
        try flat.bytes("memory of pods", keys, largestGiB: Self.mostGiB)
    }

    private mutating func readStatuses(_ flat: FlatFields) throws(APIError) {
        let restarts = try flat.count(["restart_count", "restarts"])
        let killed = try flat.flag(["oom_killed", "oomkilled"]) ?? false
        guard restarts != nil || killed, let container = containers.first else { return }
        var status = ContainerStatus(name: container.name, isReady: phase == .running, restartCount: restarts ?? 0)
        if killed {
            status.lastState = .init(
                kind: .terminated,
                reason: "OOMKilled",
                exitCode: 137,
                finishedAt: try flat.time(["oom_killed_at", "last_oom_at", "last_terminated_at"])
            )
        }
        statuses = [status]
    }
}
