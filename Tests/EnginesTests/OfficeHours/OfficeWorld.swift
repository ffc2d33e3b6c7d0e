import Contract

/// Workloads, pods and nodes in the form that kubectl prints.
enum OfficeWorld {
    static func workload(
        _ name: String,
        kind: String = "Deployment",
        namespace: String = "shop",
        replicas: Int64? = 3,
        labels: [String: String] = ["env": "dev"],
        annotations: [String: String] = [:],
        spec more: JSONObject = [:],
        meta: JSONObject = [:]
    ) -> JSONValue {
        var metadata: JSONObject = [
            "name": .string(name), "namespace": .string(namespace), "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": texts(labels), "annotations": texts(annotations),
        ]
        for member in meta.members { metadata[member.key] = member.value }
        var spec: JSONObject = [
            "selector": ["matchLabels": ["app": .string(name)]],
            "template": ["metadata": ["labels": ["app": .string(name)]], "spec": ["containers": []]],
        ]
        if let replicas { spec["replicas"] = .integer(replicas) }
        for member in more.members { spec[member.key] = member.value }
        let version = kind == "CronJob" || kind == "Job" ? "batch/v1" : "apps/v1"
        return [
            "apiVersion": .string(version), "kind": .string(kind), "metadata": .object(metadata), "spec": .object(spec),
            "status": [:],
        ]
    }

    static func pod(
        _ name: String,
        owner: String?,
        kind: String = "ReplicaSet",
        node: String,
        namespace: String = "shop",
        phase: String = "Running",
        annotations: [String: String] = [:]
    ) -> JSONValue {
        var metadata: JSONObject = [
            "name": .string(name), "namespace": .string(namespace), "annotations": texts(annotations),
            "labels": ["pod-template-hash": "5f9"],
        ]
        if let owner {
            let reference: JSONValue = ["kind": .string(kind), "name": .string(owner), "controller": true, "uid": "u"]
            metadata["ownerReferences"] = [reference]
        }
        return [
            "apiVersion": "v1", "kind": "Pod", "metadata": .object(metadata),
            "spec": ["nodeName": .string(node), "containers": [["name": "c"]]], "status": ["phase": .string(phase)],
        ]
    }

    static func node(_ name: String, type: String = "m5.large", labels: [String: String] = [:]) -> JSONValue {
        var all = labels
        all["node.kubernetes.io/instance-type"] = type
        all["topology.kubernetes.io/zone"] = "us-east-1a"
        all["eks.amazonaws.com/capacityType"] = all["eks.amazonaws.com/capacityType"] ?? "ON_DEMAND"
        return [
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name), "labels": texts(all)],
            "spec": ["providerID": .string("aws:///us-east-1a/i-\(name)")], "status": [:],
        ]
    }

    static func request(
        _ workloads: [JSONValue],
        state: JSONObject = [:],
        schedule: JSONValue? = "Mon-Fri 08:00-18:00 UTC",
        _ more: JSONObject = [:]
    ) -> JSONValue {
        var cluster: JSONObject = ["workloads": .array(workloads)]
        for member in state.members { cluster[member.key] = member.value }
        var requirements = JSONObject()
        if let schedule { requirements["schedule"] = schedule }
        for member in more.members { requirements[member.key] = member.value }
        return ["cluster_state": .object(cluster), "requirements": .object(requirements)]
    }

    static func texts(_ map: [String: String]) -> JSONValue {
        .object(
            JSONObject(distinct: map.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) })
        )
    }
}
