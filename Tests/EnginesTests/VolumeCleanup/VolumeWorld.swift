import Contract

/// Disks and claims in the forms that EC2 and kubectl print.
enum VolumeWorld {
    static func volume(
        _ id: String,
        state: String = "available",
        type: String = "gp3",
        size: Int64 = 100,
        created: JSONValue = "2026-01-01T00:00:00.000Z",
        tags: [String: String] = [:],
        attachments: JSONValue = [],
        more: JSONObject = [:]
    ) -> JSONValue {
        var object: JSONObject = [
            "VolumeId": .string(id), "State": .string(state), "VolumeType": .string(type), "Size": .integer(size),
            "CreateTime": created, "AvailabilityZone": "us-east-1a", "Attachments": attachments,
            "Tags": .array(
                tags.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] }
            ),
        ]
        for member in more.members { object[member.key] = member.value }
        return .object(object)
    }

    static func persistentVolume(
        _ name: String,
        volume: String,
        phase: String = "Bound",
        policy: String = "Delete"
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": ["name": .string(name)],
            "spec": [
                "persistentVolumeReclaimPolicy": .string(policy),
                "csi": ["driver": "ebs.csi.aws.com", "volumeHandle": .string(volume)],
            ],
            "status": ["phase": .string(phase)],
        ]
    }

    static func claim(_ name: String, volume: String?, phase: String) -> JSONValue {
        var spec: JSONObject = ["storageClassName": "gp3"]
        if let volume { spec["volumeName"] = .string(volume) }
        return [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": ["name": .string(name), "namespace": "shop"], "spec": .object(spec),
            "status": ["phase": .string(phase)],
        ]
    }

    /// Detached 60 days ago unless `detached` says otherwise.
    static func request(
        _ volumes: [JSONValue],
        state: JSONObject = ["persistent_volumes": []],
        detached: JSONValue? = nil,
        snapshots: JSONValue? = [],
        _ more: JSONObject = [:]
    ) -> JSONValue {
        var requirements: JSONObject = ["volumes": .array(volumes)]
        if let snapshots { requirements["snapshots"] = snapshots }
        if let detached {
            requirements["last_detach"] = detached
        } else {
            var times = JSONObject()
            for volume in volumes { times[volume["VolumeId"]?.string ?? ""] = "2026-04-04T12:00:00Z" }
            requirements["last_detach"] = .object(times)
        }
        for member in more.members { requirements[member.key] = member.value }
        return ["cluster_state": .object(state), "requirements": .object(requirements)]
    }

    static let clusterTags = [
        "kubernetes.io/created-for/pvc/name": "data", "kubernetes.io/created-for/pvc/namespace": "shop",
        "kubernetes.io/created-for/pv/name": "pvc-1", "ebs.csi.aws.com/cluster": "true",
        "kubernetes.io/cluster/shop": "owned",
    ]
}
