import Contract

/// Requests that are well-formed, and requests that are anything but.
enum HostileDocuments {
    typealias Named = (name: String, document: JSONValue)

    // MARK: Samples

    /// A few well-formed requests for an engine, each with what all the engines look for.
    static func samples(_ type: DecisionType) -> [Named] {
        let wishes = requirements[type] ?? "{}"
        return [("native", native), ("small", small), ("bare", "{}")].map { name, state in
            (name, parsed(#"{"cluster_state":\#(state),"requirements":\#(wishes),"explain":"full"}"#))
        }
    }

    private static func parsed(_ text: String) -> JSONValue {
        (try? JSONParser.parse(Array(text.utf8))) ?? .string("the sample is no JSON")
    }

    private static let requirements: [DecisionType: String] = [
        .spotOptimize: #"{"cpu":2,"memory":4,"region":"us-east-1","count":8,"instance_families":["m5","m6i"]}"#,
        .binPack: #"{"region":"us-east-1","time_budget_ms":20}"#,
        .rightsize: #"{"region":"us-east-1","lookback_days":7}"#,
        .schedule:
            #"{"timezone":"Europe/Berlin","schedule":{"weekdays":{"start":"08:00","end":"18:00"},"weekends":{"enabled":false}}}"#,
        .ghostProbe: """
        {"ec2_instances":[
          {"InstanceId":"i-0123456789abcdef0","InstanceType":"m5.large","State":{"Name":"running"},
           "LaunchTime":"2025-07-01T08:00:00Z","Placement":{"AvailabilityZone":"us-east-1a"},
           "Tags":[{"Key":"kubernetes.io/cluster/shop","Value":"owned"}]},
          {"InstanceId":"i-0123456789abcdef1","InstanceType":"m5.large","State":{"Name":"running"},
           "LaunchTime":"2025-07-01T08:00:00Z","Placement":{"AvailabilityZone":"us-east-1b"},
           "Tags":[{"Key":"kubernetes.io/cluster/shop","Value":"owned"}]},
          {"InstanceId":"i-0123456789abcdef2","InstanceType":"c5.xlarge","State":{"Name":"stopped"},
           "LaunchTime":"2025-07-02T08:00:00Z","Placement":{"AvailabilityZone":"us-east-1b"},"Tags":[]}],
         "k8s_node_instance_ids":["i-0123456789abcdef0"],"cluster_name":"shop"}
        """,
        .volumeCleanup: """
        {"volumes":[
          {"VolumeId":"vol-0123456789abcdef0","Size":100,"VolumeType":"gp3","State":"available","Attachments":[],
           "CreateTime":"2025-01-01T00:00:00Z","Tags":[{"Key":"LastAttachTime","Value":"2025-02-01T00:00:00Z"}]},
          {"VolumeId":"vol-0123456789abcdef1","Size":50,"VolumeType":"gp2","State":"in-use",
           "Attachments":[{"InstanceId":"i-0123456789abcdef0"}],"CreateTime":"2025-01-01T00:00:00Z"},
          {"VolumeId":"vol-0123456789abcdef2","Size":8,"VolumeType":"io2","Iops":4000,"State":"available",
           "Attachments":[],"CreateTime":"2025-07-29T00:00:00.123+02:00"}],
         "snapshots":[{"SnapshotId":"snap-0123456789abcdef0","VolumeId":"vol-0123456789abcdef0","State":"completed",
           "StartTime":"2025-03-01T00:00:00Z","VolumeSize":100}]}
        """,
        .networkOptimize: """
        {"time_budget_ms":5,"traffic_matrix":[
          {"pod_a":"shop/web-1","pod_b":"shop/db-0","daily_gb":120},
          {"pod_a":"shop/web-2","pod_b":"shop/db-0","az_a":"us-east-1b","az_b":"us-east-1a","daily_gb":80.5},
          {"pod_a":"web","pod_b":"db","az_a":"us-east-1a","az_b":"us-east-1b","daily_gb":100},
          {"pod_a":"shop/web-1","pod_b":"shop/web-2","daily_gb":3},
          {"src_pod":"shop/web-2","dst_pod":"shop/db-0","bytes":90000000000,"window_hours":24,"direction":"egress"}]}
        """,
        .oomkilledRemediate: """
        {"pod_events":[
          {"namespace":"shop","pod":"web-1","container":"main","reason":"OOMKilled","exit_code":137,
           "memory_limit_mb":256,"memory_request_mb":128,"timestamp":"2025-07-30T10:00:00Z","restart_count":2},
          {"namespace":"shop","pod":"db-0","container":"main","reason":"OOMKilled","exit_code":137,
           "memory_limit_mb":512,"timestamp":"2025-07-30T11:00:00Z","restart_count":1}]}
        """,
    ]

    /// A cluster as kubectl prints it.
    private static let native = """
        {"nodes":{"kind":"List","items":[\(node(1, "a")),\(node(2, "b")),\(node(3, "c"))]},
         "pods":[\(pod("web-1", "web", 1, "ReplicaSet")),\(pod("web-2", "web", 2, "ReplicaSet")),
          \(pod("db-0", "db", 1, "StatefulSet")),\(pod("agent-x1", "agent", 1, "DaemonSet"))],
         "deployments":[{"kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
          "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
          "spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"500m","memory":"256Mi"}}}]}}},
          "status":{"replicas":2,"readyReplicas":2}}],
         "services":[{"kind":"Service","metadata":{"name":"db","namespace":"shop"},
          "spec":{"selector":{"app":"db"},"clusterIP":"10.0.0.9"}}],
         "pod_disruption_budgets":[{"kind":"PodDisruptionBudget","metadata":{"name":"web","namespace":"shop"},
          "spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}},"status":{"disruptionsAllowed":1}}],
         "persistent_volumes":[{"kind":"PersistentVolume","metadata":{"name":"pv-1"},
          "spec":{"capacity":{"storage":"100Gi"},"persistentVolumeReclaimPolicy":"Retain",
          "csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0123456789abcdef1"},
          "claimRef":{"namespace":"shop","name":"data-db-0"}},"status":{"phase":"Bound"}}],
         "metrics":{}}
        """

    private static func node(_ number: Int, _ zone: String) -> String {
        """
        {"kind":"Node","metadata":{"name":"n\(number)","creationTimestamp":"2025-07-01T08:00:00Z","labels":{
          "topology.kubernetes.io/zone":"us-east-1\(zone)","topology.kubernetes.io/region":"us-east-1",
          "node.kubernetes.io/instance-type":"m5.xlarge","karpenter.sh/capacity-type":"on-demand",
          "kubernetes.io/arch":"amd64"}},
         "spec":{"providerID":"aws:///us-east-1\(zone)/i-0123456789abcdef\(number)"},
         "status":{"allocatable":{"cpu":"3920m","memory":"14162Mi","pods":"58"},
          "capacity":{"cpu":"4","memory":"16Gi","pods":"58"},"conditions":[{"type":"Ready","status":"True"}]}}
        """
    }

    private static func pod(_ name: String, _ app: String, _ node: Int, _ owner: String) -> String {
        """
        {"kind":"Pod","metadata":{"name":"\(name)","namespace":"shop","uid":"uid-\(name)","labels":{"app":"\(app)"},
          "ownerReferences":[{"kind":"\(owner)","name":"\(app)","controller":true}]},
         "spec":{"nodeName":"n\(node)","containers":[{"name":"main","resources":{
          "requests":{"cpu":"500m","memory":"256Mi"},"limits":{"memory":"512Mi"}}}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{
          "name":"main","restartCount":2,"ready":true,"state":{"running":{"startedAt":"2025-07-30T10:00:00Z"}},
          "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137,"finishedAt":"2025-07-30T09:59:00Z"}}}]}}
        """
    }

    /// A cluster in the small shape that callers write by hand.
    private static let small = """
        {"region":"us-east-1","nodes":[
          {"name":"n1","instance_type":"m5.xlarge","cpu_capacity":4,"memory_capacity":16,"zone":"us-east-1a",
           "cpu_usage_percent":20,"memory_usage_percent":30},
          {"name":"n2","instance_type":"m5.xlarge","cpu_capacity":4,"memory_capacity":16,"zone":"us-east-1b",
           "cpu_usage_percent":60,"memory_usage_percent":40}],
         "pods":[
          {"name":"web-1","namespace":"shop","node_name":"n1","cpu_request":0.5,"memory_request":"512Mi","service":"web"},
          {"name":"web-2","namespace":"shop","node_name":"n2","cpu_request":0.5,"memory_request":"512Mi","service":"web"},
          {"name":"db-0","namespace":"shop","node_name":"n1","cpu_request":1,"memory_request":"2Gi","service":"db"}],
         "workloads":[{"kind":"Deployment","name":"web","namespace":"shop","replicas":2},
          {"kind":"StatefulSet","name":"db","namespace":"shop","replicas":1}],
         "metrics":{"cpu_usage":35,"memory_usage":40}}
        """

    // MARK: Hostile documents

    static let all: [Named] = shapes + amounts + texts

    /// Names under which some engine looks for a list.
    private static let lists = [
        "nodes", "pods", "workloads", "deployments", "services", "events", "persistent_volumes", "volumes",
        "snapshots", "ec2_instances", "instances", "k8s_node_instance_ids", "traffic_matrix", "traffic", "pod_events",
        "oom_events", "containers", "metrics", "zones", "instance_types", "pinned_pods", "schedules", "namespaces",
    ]

    private static func everywhere(_ value: JSONValue) -> JSONValue {
        var object = JSONObject()
        for name in lists { object[name] = value }
        return ["cluster_state": .object(object), "requirements": .object(object), "constraints": .object(object)]
    }

    private static let shapes: [Named] = [
        ("nothing", [:]), ("empty parts", ["cluster_state": [:], "requirements": [:], "constraints": [:]]),
        ("nulls", ["cluster_state": nil, "requirements": nil, "constraints": nil]),
        ("lists in place of objects", ["cluster_state": [], "requirements": [], "constraints": []]),
        ("texts in place of objects", ["cluster_state": "x", "requirements": "y"]),
        ("both names of the state", ["cluster_state": [:], "current_state": ["nodes": 7], "requirements": [:]]),
        ("empty lists", everywhere([])), ("lists of nulls", everywhere([nil, nil])),
        ("lists of lists", everywhere([[[[]]], []])), ("lists of numbers", everywhere([1, -1, 1e308])),
        ("lists of texts", everywhere(["", "a", "b"])), ("lists of empty objects", everywhere([[:], [:]])),
        ("numbers in place of lists", everywhere(7)), ("texts in place of lists", everywhere("pods")),
        ("objects in place of lists", everywhere(["a": ["name": "a"]])), ("truth in place of lists", everywhere(true)),
        ("items that are no list", everywhere(["kind": "List", "items": 5])),
        ("metadata that is none", everywhere([["metadata": 7], ["metadata": ["name": 5]], ["metadata": [:]]])),
        ("owners in a circle", everywhere([circle("a", "b"), circle("b", "a"), circle("c", "c")])),
        ("duplicate names", everywhere([thing("a"), thing("a"), thing("a", ["zone": "us-east-1b"])])),
        ("deep nesting", everywhere([deep(40)])),
    ]

    private static func thing(_ name: String, _ more: JSONObject = [:]) -> JSONValue {
        var object = more
        object["name"] = .string(name)
        object["namespace"] = "shop"
        return .object(object)
    }

    private static func circle(_ name: String, _ owner: String) -> JSONValue {
        [
            "kind": "ReplicaSet",
            "metadata": [
                "name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"),
                "ownerReferences": [
                    ["kind": "ReplicaSet", "name": .string(owner), "uid": .string("uid-\(owner)"), "controller": true]
                ],
            ], "spec": ["replicas": 1_000_000_000],
        ]
    }

    private static func deep(_ levels: Int) -> JSONValue { (0..<levels).reduce(.null) { inner, _ in ["x": inner] } }

    /// One amount under every name that means one.
    private static let amounts: [Named] = [
        .integer(-1), .integer(0), .integer(1_000_000_000), .integer(.max), .integer(.min), .double(1e308),
        .double(-1e308), .double(.leastNonzeroMagnitude), "-5Gi", "1e999", "999999999999999999999E", "4 Gi", "1.5.2",
        "NaN", "Infinity",
        "1Ki2", "\u{0661}", true, [],
    ].map { (amount: JSONValue) in ("amount \(amount.text())", amounts(amount)) }

    private static func amounts(_ amount: JSONValue) -> JSONValue {
        var item: JSONObject = ["name": "a", "namespace": "shop", "node_name": "a", "zone": "us-east-1a"]
        let names = [
            "cpu", "memory", "cpu_request", "memory_request", "cpu_limit", "memory_limit", "cpu_capacity",
            "memory_capacity", "replicas", "Size", "Iops", "Throughput", "size", "restart_count", "exit_code",
            "memory_limit_mb", "memory_request_mb", "cpu_usage_percent", "memory_usage_percent", "daily_gb", "bytes",
            "hourly_price", "priority", "timestamp", "LaunchTime", "CreateTime", "window_hours",
        ]
        for name in names { item[name] = amount }
        item["pod_a"] = "a"
        item["pod_b"] = "b"
        item["az_a"] = "us-east-1a"
        item["az_b"] = "us-east-1b"
        item["InstanceId"] = "i-0123456789abcdef0"
        item["VolumeId"] = "vol-0123456789abcdef0"
        let nativeItem: JSONValue = [
            "metadata": ["name": "n", "namespace": "shop"],
            "spec": [
                "replicas": amount, "nodeName": "n", "terminationGracePeriodSeconds": amount,
                "containers": [["name": "c", "resources": ["requests": ["cpu": amount, "memory": amount]]]],
            ],
            "status": ["allocatable": ["cpu": amount, "memory": amount, "pods": amount], "phase": "Running"],
        ]
        var list = JSONObject()
        for name in lists { list[name] = [.object(item), nativeItem] }
        var wishes = list
        for name in ["cpu", "memory", "count", "max_moves", "min_age_days", "grace_hours", "time_budget_ms"] {
            wishes[name] = amount
        }
        return ["cluster_state": .object(list), "requirements": .object(list), "constraints": .object(wishes)]
    }

    /// One text under every name that means one.
    private static let texts: [Named] = [
        "", " ", "\u{202E}\u{200D}", "a\u{0301}", "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F466}", "\u{FEFF}x",
        "\u{FFFF}",
        "../../etc/passwd", String(repeating: "x", count: 3000), String(repeating: "\u{0301}", count: 200),
        "a\nb\tc\u{0}", "aws:///us-east-1a/", "*/*/*", "99:99-00:00 Nowhere/Atall", "2026-13-45T99:99:99Z",
    ].map { (text: String) in ("text of \(text.utf8.count) bytes", texts(.string(text))) }

    private static func texts(_ text: JSONValue) -> JSONValue {
        let names = [
            "name", "namespace", "node_name", "zone", "instance_type", "region", "status", "phase", "kind", "reason",
            "pod_a", "pod_b", "az_a", "az_b", "service", "InstanceId", "VolumeId", "InstanceType", "State",
            "LaunchTime",
            "CreateTime", "timestamp", "pod", "container", "providerID", "schedule", "timezone", "id",
        ]
        var item: JSONObject = ["daily_gb": 50, "Size": 10]
        for name in names { item[name] = text }
        item["metadata"] = ["name": text, "namespace": text, "labels": ["app": text], "creationTimestamp": text]
        var list = JSONObject()
        for name in lists { list[name] = [.object(item)] }
        var wishes = list
        for name in ["timezone", "schedule", "cluster_name", "workload_type"] { wishes[name] = text }
        return ["cluster_state": .object(list), "requirements": .object(list), "constraints": .object(wishes)]
    }

    /// Many items of which hardly any means anything, in every list an engine may look at.
    static func garbage(_ count: Int) -> JSONValue {
        var object = JSONObject()
        for (number, name) in lists.enumerated() {
            object[name] = .array(
                (0..<count / lists.count).map { index in
                    switch (index + number) % 6 {
                    case 0: .integer(Int64(index))
                    case 1: .null
                    case 2: .string("item \(index)")
                    case 3: ["name": .integer(Int64(index))]
                    case 4: ["metadata": ["name": .string("n\(index % 50)")], "spec": .array([])]
                    default:
                        [
                            "name": .string("n\(index)"), "pod_a": .string("a\(index % 40)"),
                            "pod_b": .string("b\(index)"), "az_a": "us-east-1a",
                            "az_b": .string("us-east-1\(index % 300)"),
                            "daily_gb": .integer(Int64(index)), "node_name": .string("n\(index % 7)"),
                            "cpu_request": -1,
                        ]
                    }
                }
            )
        }
        return ["cluster_state": .object(object), "requirements": ["time_budget_ms": 5]]
    }
}
