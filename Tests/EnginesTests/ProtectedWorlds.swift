import Contract

/// For engines that can take something away: a world of things that each bear one mark of protection.
///
/// Beside it the same world with one more thing that bears none. The clock stands at 2025-07-30T12:00:00Z, a Wednesday.
enum ProtectedWorlds {
    struct World {
        var type: DecisionType
        var document: JSONValue
        var open: JSONValue
    }

    static let all: [World] = [
        world(.ghostProbe, ghosts(protected: machines), ghosts(protected: machines + [machine("f")])),
        world(.volumeCleanup, disks(volumes), disks(volumes + [volume("9")])),
        world(.schedule, office(workloads), office(workloads + [workload("free")])),
        world(.binPack, packed(nodes), packed(nodes + [host("free", pod: "")])),
        world(.oomkilledRemediate, killed(kills), killed(kills + [kill("free", "OOMKilled")])),
    ]

    private static func world(_ type: DecisionType, _ document: String, _ open: String) -> World {
        World(type: type, document: parsed(document), open: parsed(open))
    }

    private static func parsed(_ text: String) -> JSONValue {
        (try? JSONParser.parse(Array(text.utf8))) ?? .string("the world is no JSON")
    }

    // MARK: Machines

    private static func machine(
        _ number: String,
        tag: String = #""kubernetes.io/cluster/shop","Value":"owned""#,
        more: String = ""
    ) -> String {
        let details = more.isEmpty ? "" : "," + more
        let launch = more.contains("LaunchTime") ? "" : #","LaunchTime":"2025-07-01T08:00:00Z""#
        let state = more.contains("State") ? "" : #","State":{"Name":"running"}"#
        return #"{"InstanceId":"i-0bbbbbbbbbbbbbbb\#(number)","InstanceType":"m5.large"\#(state)\#(launch),"#
            + #""Placement":{"AvailabilityZone":"us-east-1a"},"Tags":[{"Key":\#(tag)}]\#(details)}"#
    }

    private static let machines = [
        machine("0", tag: #""kubernetes.io/cluster/bank","Value":"owned""#),
        machine("1", tag: #""Name","Value":"worker""#),
        machine("2", tag: #""kubernetes.io/cluster/shop","Value":"owned"},{"Key":"cloudoptim:ignore","Value":"yes""#),
        machine("3", tag: #""kubernetes.io/cluster/shop","Value":"owned"},{"Key":"Name","Value":"bastion""#),
        machine("4", more: #""State":{"Name":"stopped"}"#), machine("5", more: #""State":{"Name":"terminated"}"#),
        machine("6", more: #""LaunchTime":"2025-07-30T11:50:00Z""#),
        machine("7", more: #""LaunchTime":"2025-07-30T02:00:00Z""#),
        machine("8", more: #""AutoScalingGroupName":"workers""#),
        machine("9", more: #""LifecycleState":"Standby""#), machine("a", more: #""DisableApiTermination":true"#),
        machine("b", more: #""IamInstanceProfile":{"Arn":"arn:aws:iam::1:instance-profile/control-plane"}"#),
    ]

    private static func ghosts(protected machines: [String]) -> String {
        let healthy = (0..<30).map { "i-0aaaaaaaaaaaaa\($0 + 100)" }
        let all =
            healthy.prefix(12).map {
                #"{"InstanceId":"\#($0)","State":{"Name":"running"},"Tags":[{"Key":"kubernetes.io/cluster/shop","Value":"owned"}]}"#
            } + machines
        // Seen missing a day ago, except the one that is in no scan.
        let missing = "0123456789abcf".map { "\"i-0bbbbbbbbbbbbbbb\($0)\"" }
        return #"{"cluster_state":{},"requirements":{"cluster_name":"shop","k8s_node_instance_ids":["#
            + healthy.map { "\"\($0)\"" }.joined(separator: ",") + #"],"ec2_instances":["#
            + (all + [machine("d")]).joined(separator: ",")
            + #"],"previous_scan":{"scanned_at":"2025-07-29T12:00:00Z","#
            + #""missing":[\#(missing.joined(separator: ","))]}}}"#
    }

    // MARK: Disks

    private static func volume(_ number: String, more: String = "", tags: String = "") -> String {
        let state = more.contains("State") ? "" : #","State":"available""#
        let attachments = more.contains("Attachments") ? "" : #","Attachments":[]"#
        let details = more.isEmpty ? "" : "," + more
        return #"{"VolumeId":"vol-0aaaaaaaaaaaaaa\#(number)","VolumeType":"gp3","Size":100\#(state)\#(attachments),"#
            + #""CreateTime":"2025-01-01T00:00:00Z","AvailabilityZone":"us-east-1a","Tags":[\#(tags)]\#(details)}"#
    }

    private static let volumes = [
        volume("0", more: #""State":"in-use""#),
        volume("1", more: #""Attachments":[{"InstanceId":"i-0aaaaaaaaaaaaaaa1","State":"attached"}]"#),
        volume("2", tags: #"{"Key":"backup","Value":"daily"}"#),
        volume("3", tags: #"{"Key":"cloudoptim:ignore","Value":"yes"}"#), volume("4"), volume("5"), volume("6"),
        volume("7", more: #""FastRestored":true"#),
        volume("8", tags: #"{"Key":"kubernetes.io/cluster/bank","Value":"owned"}"#),
        volume("a", tags: #"{"Key":"kubernetes.io/created-for/pvc/name","Value":"data"}"#),
    ]

    /// Detached long ago, but one detached yesterday, one of which nothing is known, and one that a volume refers to.
    private static func disks(_ volumes: [String]) -> String {
        let times = "01236789a".map { #""vol-0aaaaaaaaaaaaaa\#($0)":"2025-03-01T00:00:00Z""# }
        return #"{"cluster_state":{"cluster_name":"shop","persistent_volumes":[{"kind":"PersistentVolume","#
            + #""metadata":{"name":"pv-6"},"spec":{"csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-0aaaaaaaaaaaaaa6"},"#
            + #""persistentVolumeReclaimPolicy":"Retain"},"status":{"phase":"Bound"}}],"persistent_volume_claims":[{"#
            + #""kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"default"},"spec":{},"#
            + #""status":{"phase":"Pending"}}]},"requirements":{"snapshots":[],"volumes":["#
            + volumes.joined(separator: ",") + #"],"last_detach":{\#(times.joined(separator: ",")),"#
            + #""vol-0aaaaaaaaaaaaaa5":"2025-07-29T00:00:00Z"}}}"#
    }

    // MARK: Workloads

    private static func workload(
        _ name: String,
        kind: String = "Deployment",
        namespace: String = "lab",
        labels: String = #""env":"dev""#,
        annotations: String = "",
        spec: String = ""
    ) -> String {
        #"{"apiVersion":"apps/v1","kind":"\#(kind)","metadata":{"name":"\#(name)","namespace":"\#(namespace)","labels":"#
            + #"{\#(labels)},"annotations":{\#(annotations)},"creationTimestamp":"2025-01-01T00:00:00Z"},"spec":{"replicas":3,"#
            + #""selector":{"matchLabels":{"app":"\#(name)"}}\#(spec)},"status":{}}"#
    }

    private static let workloads = [
        workload("label", labels: #""env":"prod""#), workload("prod-api"), workload("space", namespace: "prod"),
        workload("unlabelled", labels: ""), workload("agent", kind: "DaemonSet"),
        workload("dns", namespace: "kube-system"),
        workload("kept", annotations: #""downscaler/exclude":"true""#),
        workload("always", annotations: #""cloudoptim.io/schedule":"always""#),
        workload("old", annotations: #""downscaler/upscale-period":"Mon-Fri 08:00-10:00 UTC""#),
        workload("inherited", namespace: "core"), workload("spared", namespace: "calm"),
        workload(
            "sets",
            kind: "StatefulSet",
            spec: #","volumeClaimTemplates":[{"metadata":{"name":"data"}}],"#
                + #""persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}"#
        ),
    ]

    private static func office(_ workloads: [String]) -> String {
        #"{"cluster_state":{"workloads":["# + workloads.joined(separator: ",")
            + #"],"namespaces":[{"kind":"Namespace","metadata":{"name":"core","labels":{"env":"production"}}},"#
            + #"{"kind":"Namespace","metadata":{"name":"calm","annotations":{"downscaler/exclude":"true"}}}]},"#
            + #""requirements":{"schedule":"never"}}"#
    }

    // MARK: Nodes

    /// A node of its own for each pod; two empty-handed ones beside them have room for everything.
    private static func host(_ name: String, pod: String) -> String { "\(name)|\(pod)" }

    private static let nodes = [
        host("bare", pod: #""metadata":{"name":"p-bare","namespace":"shop"},"spec":{"nodeName":"bare""#),
        host("asked", pod: owned("asked", #","annotations":{"karpenter.sh/do-not-disrupt":"true"}"#)),
        host(
            "unsafe",
            pod: owned("unsafe", #","annotations":{"cluster-autoscaler.kubernetes.io/safe-to-evict":"false"}"#)
        ),
        host("local", pod: owned("local", "") + #","volumes":[{"name":"scratch","emptyDir":{}}]"#),
        host("system", pod: owned("system", "", namespace: "kube-system")),
        host("budget", pod: owned("budget", #","labels":{"app":"budget"}"#)),
    ]

    private static func owned(_ node: String, _ meta: String, namespace: String = "shop") -> String {
        #""metadata":{"name":"p-\#(node)","namespace":"\#(namespace)"\#(meta),"ownerReferences":[{"kind":"ReplicaSet","#
            + #""name":"rs-\#(node)","uid":"u-\#(node)","controller":true}]},"spec":{"nodeName":"\#(node)""#
    }

    private static func packed(_ hosts: [String]) -> String {
        let parts = hosts.map { $0.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false) }
        let machines = parts.map { part in
            #"{"kind":"Node","metadata":{"name":"\#(part[0])","labels":{"topology.kubernetes.io/zone":"us-east-1a","#
                + #""node.kubernetes.io/instance-type":"m5.xlarge","karpenter.sh/capacity-type":"on-demand"}},"#
                + #""status":{"allocatable":{"cpu":"3920m","memory":"14162Mi","pods":"58"},"#
                + #""conditions":[{"type":"Ready","status":"True"}]}}"#
        }
        let pods = parts.filter { !$0[1].isEmpty }.map { part in
            #"{"kind":"Pod",\#(part[1]),"containers":[{"name":"c","resources":{"requests":{"cpu":"100m","memory":"64Mi"}}}]},"#
                + #""status":{"phase":"Running"}}"#
        }
        return
            #"{"cluster_state":{"nodes":[\#(machines.joined(separator: ","))],"pods":[\#(pods.joined(separator: ","))],"#
            + #""pod_disruption_budgets":[{"kind":"PodDisruptionBudget","metadata":{"name":"b","namespace":"shop"},"#
            + #""spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"budget"}}},"status":{"disruptionsAllowed":0}}]},"#
            + #""requirements":{"time_budget_ms":5}}"#
    }

    // MARK: Kills

    private static func kill(_ name: String, _ reason: String, exit: Int = 137, at time: String = "10:00") -> String {
        #"{"kind":"Pod","metadata":{"name":"\#(name)-x","namespace":"shop","uid":"u-\#(name)","ownerReferences":[{"#
            + #""kind":"StatefulSet","name":"\#(name)","controller":true}]},"spec":{"nodeName":"n1","containers":[{"#
            + #""name":"main","resources":{"requests":{"memory":"256Mi"},"limits":{"memory":"512Mi"}}}]},"#
            + #""status":{"phase":"Running","containerStatuses":[{"name":"main","restartCount":1,"ready":true,"#
            + #""state":{"running":{"startedAt":"2025-07-30T10:00:00Z"}},"lastState":{"terminated":{"#
            + #""reason":"\#(reason)","exitCode":\#(exit),"finishedAt":"2025-07-30T\#(time):00Z"}}}]}}"#
    }

    private static let kills = [
        kill("other", "Error"), kill("asked", "Error", exit: 143), kill("done", "Completed", exit: 0),
        kill("future", "OOMKilled", at: "23:00"),
    ]

    private static func killed(_ pods: [String]) -> String {
        #"{"cluster_state":{"nodes":[{"name":"n1","instance_type":"m5.xlarge","cpu_cores":4,"memory_gb":16}],"pods":["#
            + pods.joined(separator: ",") + #"]},"requirements":{}}"#
    }
}
