import Contract

/// Machines and nodes in the forms that EC2 and kubectl print.
enum GhostWorld {
    static func instance(
        _ id: String,
        cluster: String? = "shop",
        tags: [String: String] = [:],
        state: String = "running",
        launched: String? = "2026-05-01T08:00:00+00:00",
        type: String = "m5.large",
        zone: String = "us-east-1a",
        more: JSONObject = [:]
    ) -> JSONValue {
        var all = tags
        if let cluster { all["kubernetes.io/cluster/\(cluster)"] = "owned" }
        var object: JSONObject = [
            "InstanceId": .string(id), "InstanceType": .string(type),
            "State": ["Code": 16, "Name": .string(state)],
            "Placement": ["AvailabilityZone": .string(zone)],
            "Tags": .array(
                all.sorted { $0.key < $1.key }.map { ["Key": .string($0.key), "Value": .string($0.value)] }
            ),
        ]
        if let launched { object["LaunchTime"] = .string(launched) }
        for member in more.members { object[member.key] = member.value }
        return .object(object)
    }

    /// As many healthy machines as the numbers say, `i-a000…`, all of them nodes.
    static func healthy(_ count: Int, cluster: String = "shop") -> [JSONValue] {
        (0..<count).map { instance(name($0), cluster: cluster) }
    }

    static func name(_ number: Int) -> String { "i-a" + String(number + 100_000, radix: 16) }

    static func request(
        _ instances: [JSONValue],
        nodes: [String],
        scan: JSONValue? = nil,
        _ more: JSONObject = [:]
    ) -> JSONValue {
        var requirements: JSONObject = [
            "ec2_instances": .array(instances), "k8s_node_instance_ids": .array(nodes.map { .string($0) }),
        ]
        if let scan { requirements["previous_scan"] = scan }
        for member in more.members { requirements[member.key] = member.value }
        return ["requirements": .object(requirements)]
    }

    static func scan(_ missing: [String], at time: String = "2026-06-03T10:30:00Z") -> JSONValue {
        ["scanned_at": .string(time), "missing_instance_ids": .array(missing.map { .string($0) })]
    }
}
