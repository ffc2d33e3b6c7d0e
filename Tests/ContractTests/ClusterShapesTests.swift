import Contract
import Testing

@Suite("Shapes of a cluster state")
struct ClusterShapesTests {
    private static let node =
        #"{"kind":"Node","metadata":{"name":"a"},"status":{"allocatable":{"cpu":"1930m","memory":"2Gi","pods":"11"},"conditions":[{"type":"Ready","status":"True"}]}}"#
    private static let pod =
        #"{"kind":"Pod","metadata":{"name":"p","namespace":"x"},"spec":{"nodeName":"a","containers":[{"name":"c"}]}}"#

    private static func read(_ body: String) throws -> ClusterState {
        try DecisionRequest(body: Array(body.utf8), type: .binPack).cluster
    }

    @Test(
        "nodes and pods are found in every shape",
        arguments: [
            #"{"cluster_state":{"nodes":[NODE],"pods":[POD]}}"#,
            #"{"current_state":{"nodes":[NODE],"pods":[POD]}}"#,
            #"{"cluster_state":{"nodes":{"kind":"NodeList","items":[NODE]},"pods":{"items":[POD]}}}"#,
            #"{"cluster_state":{"nodes":NODE,"pods":POD}}"#,
            #"{"cluster_state":{"nodes":{"a":NODE},"pods":{"x/p":POD}}}"#,
            #"{"cluster_state":{"kind":"List","items":[NODE,POD]}}"#,
            #"{"cluster_state":{"objects":[POD,NODE]}}"#,
            #"{"kind":"List","items":[POD,NODE]}"#,
            #"{"cluster_state":{},"kind":"List","items":[POD,NODE]}"#,
            #"{"cluster_state":{"nodes":[NODE]},"requirements":{"pods":{"kind":"PodList","items":[POD]}}}"#,
            #"{"cluster_state":{},"requirements":{"items":[NODE,POD]}}"#,
        ]
    )
    func shapes(body: String) throws {
        let body = body.split(separator: "NODE", omittingEmptySubsequences: false).joined(separator: Self.node)
            .split(separator: "POD", omittingEmptySubsequences: false).joined(separator: Self.pod)
        let state = try Self.read(body)
        #expect(state.problems.isEmpty)
        try #require(state.nodes.count == 1 && state.pods.count == 1)
        #expect(state.nodes[0].allocatable == ResourceAmounts(cpu: 1930, memory: 2 << 30, pods: 11))
        #expect(state.nodes[0].readiness == .ready)
        #expect(state.pods[0].key == ObjectKey(namespace: "x", name: "p"))
        #expect(ClusterIndex(state).pods(onNode: "a") == state.pods)
        // Parsed already, the same document gives the same cluster.
        #expect(try DecisionRequest(try JSONParser.parse(body), type: .binPack).cluster == state)
    }

    @Test("items of a typed list need no kind of their own, wherever the list says what it holds")
    func typedList() throws {
        let claim = #"{"metadata":{"name":"c"},"spec":{"volumeName":"v"}}"#
        for body in [
            #"{"cluster_state":{"pvcs":{"items":[\#(claim)]}}}"#,
            #"{"cluster_state":{"items":[\#(claim)],"kind":"PersistentVolumeClaimList"}}"#,
            #"{"items":[\#(claim)],"kind":"PersistentVolumeClaimList"}"#,
        ] {
            let state = try Self.read(body)
            #expect(state.claims.map(\.volumeName) == ["v"], "\(body)")
        }
    }

    @Test("the CronJob behind a Job is found by the Job, or by the minute in its name")
    func cronJobs() throws {
        let minutes = 1_767_225_600 / 60
        func pod(_ job: String, _ created: String) -> String {
            #"{"kind":"Pod","metadata":{"name":"\#(job)-x","creationTimestamp":"\#(created)","ownerReferences":[{"kind":"Job","name":"\#(job)","controller":true}]}}"#
        }
        let job =
            #"{"kind":"Job","metadata":{"name":"known","ownerReferences":[{"kind":"CronJob","name":"nightly","controller":true}]}}"#
        let items = [
            pod("report-\(minutes)", "2026-01-01T00:00:09Z"), pod("load-7", "2026-01-01T00:00:09Z"),
            pod("old-\(minutes)", "2026-02-01T00:00:00Z"), pod("known", "2026-01-01T00:00:00Z"), job,
        ]
        let index = ClusterIndex(try Self.read(#"{"kind":"List","items":[\#(items.joined(separator: ","))]}"#))
        let owners = index.state.pods.map { index.owner(of: $0) }
        #expect(owners.map { $0?.kind } == ["CronJob", "Job", "Job", "CronJob"])
        #expect(owners.map { $0?.name } == ["report", "load-7", "old-\(minutes)", "nightly"])
    }

    @Test("kinds that nobody asks for are passed over in silence")
    func otherKinds() throws {
        let state = try Self.read(
            #"{"kind":"List","items":[{"kind":"Secret","metadata":{"name":"s"}},{"kind":"ConfigMap","metadata":{"name":"s"}}]}"#
        )
        #expect(state == ClusterState())
    }

    @Test("a list of which a page is missing is doubted")
    func continued() throws {
        let state = try Self.read(#"{"cluster_state":{"pods":{"metadata":{"continue":"abc"},"items":[\#(Self.pod)]}}}"#)
        #expect(state.pods.count == 1)
        #expect(state.problems.map(\.code) == ["incomplete_list"])
        #expect(state.hasUnplacedUnreadablePods)
    }

    @Test("the small shape of the running client is read, with its quantities")
    func runningClient() throws {
        let state = try Self.read(
            #"""
            {"cluster_state":{"cluster_name":"prod","region":"us-east-1","metrics":{"a":{"cpu_usage_pct":20}},
             "nodes":[{"name":"a","instance_id":"i-0abc","instance_type":"m5.xlarge","availability_zone":"us-east-1a",
              "status":"Ready","cpu_capacity":"4","memory_capacity":"16Gi","allocatable_cpu":"3920m",
              "allocatable_memory":"15Gi","pod_capacity":58}],
             "pods":[{"name":"p","namespace":"x","node_name":"a","status":"Running","cpu_request":"250m",
              "memory_request":"512Mi","restart_count":3}]}}
            """#
        )
        #expect(state.problems.isEmpty && state.assumptions.isEmpty)
        let node = try #require(state.nodes.first)
        #expect(node.instanceID == "i-0abc" && node.zone == "us-east-1a" && node.region == "us-east-1")
        #expect(node.readiness == .ready)
        #expect(node.capacity == ResourceAmounts(cpu: 4000, memory: 16 << 30, pods: 58))
        #expect(node.allocatable == ResourceAmounts(cpu: 3920, memory: 15 << 30, pods: 58))
        let pod = try #require(state.pods.first)
        #expect(pod.effectiveRequest == ResourceAmounts(cpu: 250, memory: 512 << 20, pods: 1))
        #expect(pod.phase == .running && pod.statuses.first?.restartCount == 3)
        #expect(pod.isBare)
        #expect(state.metrics["a"]?["cpu_usage_pct"]?.integer == 20)
        #expect(state.clusterName == "prod" && state.region == "us-east-1")
    }

    @Test("the documented small shape is read, with units in its names")
    func documentedShape() throws {
        let state = try Self.read(
            #"""
            {"current_state":{"nodes":[{"node_name":"a","instance_id":"i-1","instance_type":"c5.large",
              "availability_zone":"us-east-1b","node_type":"spot","cpu_cores":2.0,"memory_gb":4.0,"ready":true,
              "cordoned":true,"created_at":"2025-12-01T10:00:00.123456","cpu_utilization":0.25,
              "taints":[{"key":"gpu","effect":"NoSchedule"}]}],
             "pods":[{"pod_name":"p","namespace":"x","node_name":"a","phase":"Running","cpu_request":0.5,
              "memory_request_gb":0.25,"oom_killed":true,"oom_killed_at":"2025-12-01T10:00:00","owner_kind":"Deployment",
              "owner_name":"web"}]}}
            """#
        )
        #expect(state.problems.isEmpty)
        let node = try #require(state.nodes.first)
        #expect(node.capacityType == .spot && node.unschedulable && node.isReady)
        #expect(node.capacity == ResourceAmounts(cpu: 2000, memory: 4 << 30))
        #expect(node.allocatable == nil)
        #expect(node.taints == [Taint(key: "gpu", effect: .noSchedule)])
        #expect(node.usage?.cpuPercent == 25)
        #expect(node.meta.createdAt == Timestamp("2025-12-01T10:00:00.123Z"))
        let pod = try #require(state.pods.first)
        #expect(pod.effectiveRequest == ResourceAmounts(cpu: 500, memory: 256 << 20, pods: 1))
        #expect(pod.statuses.first?.lastState?.isOOMKilled == true)
        #expect(ClusterIndex(state).owner(of: pod)?.name == "web")
    }

    @Test(
        "a bare number of memory is taken by its size, and that is said",
        arguments: [
            ("16", 16 << 30, "GiB"), ("0.5", 1 << 29, "GiB"), ("16384", 16384 << 20, "MiB"),
            ("17179869184", 17_179_869_184, nil), ("\"16Gi\"", 16 << 30, nil),
        ] as [(String, Int64, String?)]
    )
    func bareMemory(number: String, bytes: Int64, unit: String?) throws {
        let state = try Self.read(#"{"cluster_state":{"nodes":[{"name":"a","memory_capacity":\#(number)}]}}"#)
        #expect(state.nodes.first?.capacity.memory == bytes)
        #expect(state.assumptions == (unit.map { ["memory of nodes without a unit was read as \($0)"] } ?? []))
    }

    @Test(
        "the status word of a flat node is understood",
        arguments: [
            ("Ready", Node.Readiness.ready, false), ("Ready,SchedulingDisabled", .ready, true),
            ("running", .ready, false),
            ("NotReady", .notReady, false), ("Unknown", .notReady, false), ("terminated", .notReady, false),
        ]
    )
    func flatStatus(word: String, readiness: Node.Readiness, unschedulable: Bool) throws {
        let state = try Self.read(#"{"cluster_state":{"nodes":[{"name":"a","status":"\#(word)"}]}}"#)
        #expect(state.nodes.first?.readiness == readiness)
        #expect(state.nodes.first?.unschedulable == unschedulable)
    }

    @Test("a node whose state has conditions but no Ready one is not ready; one without any is assumed to be")
    func readiness() throws {
        let state = try Self.read(
            #"""
            {"cluster_state":{"nodes":[
             {"metadata":{"name":"a"},"status":{"conditions":[{"type":"DiskPressure","status":"False"}]}},
             {"metadata":{"name":"b"}},
             {"metadata":{"name":"c"},"spec":{"taints":[{"key":"node.kubernetes.io/unreachable","effect":"NoExecute"}]}},
             {"metadata":{"name":"d"},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}]}}
            """#
        )
        #expect(state.nodes.map(\.readiness) == [.notReady, .assumed, .notReady, .notReady])
    }

    @Test(
        "the provider id tells instance and zone",
        arguments: [
            ("aws:///us-east-1a/i-0123456789abcdef0", "i-0123456789abcdef0", "us-east-1a"),
            ("aws://us-east-1a/i-08736224042c4ee75", "i-08736224042c4ee75", "us-east-1a"),
            ("i-08736224042c4ee75", "i-08736224042c4ee75", nil),
            ("aws:///us-east-1a/4567/fargate-10-0-1-2", nil, nil), ("eks-hybrid:///us-east-1/c/mi-01", nil, nil),
            ("kind://docker/a/b", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)]
    )
    func providerID(text: String, instance: String?, zone: String?) throws {
        let state = try Self.read(
            #"{"cluster_state":{"nodes":[{"metadata":{"name":"a"},"spec":{"providerID":"\#(text)"}}]}}"#
        )
        let node = try #require(state.nodes.first)
        #expect(node.instanceID == instance && node.zone == zone)
        #expect(node.isFargate == text.contains("fargate"))
        #expect(node.isHybrid == text.contains("hybrid"))
    }

    @Test("attach limits come from CSINode objects, in whichever order")
    func attachLimits() throws {
        let limits =
            #"{"kind":"CSINode","metadata":{"name":"a"},"spec":{"drivers":[{"name":"ebs.csi.aws.com","allocatable":{"count":25}}]}}"#
        let state = try Self.read(#"{"kind":"List","items":[\#(limits),\#(Self.node)]}"#)
        #expect(state.nodes.first?.attachLimits["ebs.csi.aws.com"] == 25)
    }

    @Test("a volume in one zone only says so, one over several does not")
    func zones() throws {
        let state = try Self.read(
            #"""
            {"cluster_state":{"pvs":[
             {"metadata":{"name":"a"},"spec":{"csi":{"driver":"ebs.csi.aws.com","volumeHandle":"vol-1"},"nodeAffinity":{"required":
              {"nodeSelectorTerms":[{"matchExpressions":[{"key":"topology.ebs.csi.aws.com/zone","operator":"In","values":["us-east-1a"]}]}]}}}},
             {"metadata":{"name":"b","labels":{"topology.kubernetes.io/zone":"us-east-1a__us-east-1b"}},
              "spec":{"awsElasticBlockStore":{"volumeID":"aws://us-east-1a/vol-2"}}}]}}
            """#
        )
        #expect(state.persistentVolumes.map(\.zone) == ["us-east-1a", nil])
        #expect(state.persistentVolumes.map(\.ebsVolumeID) == ["vol-1", "vol-2"])
    }

    @Test("the constraints of a pod are read whole")
    func constraints() throws {
        let state = try Self.read(
            #"""
            {"cluster_state":{"pods":[{"metadata":{"name":"p"},"spec":{"nodeSelector":{"a":"b"},"hostNetwork":true,
             "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
               {"matchExpressions":[{"key":"cores","operator":"Gt","values":["4"]}],"matchFields":[{"key":"metadata.name","operator":"NotIn","values":["x"]}]}]}},
              "podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname",
               "labelSelector":{"matchLabels":{"app":"web"}},"namespaceSelector":{},"mismatchLabelKeys":["tenant"]}]}},
             "topologySpreadConstraints":[{"maxSkew":2,"minDomains":3,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule",
              "nodeAffinityPolicy":"Ignore","nodeTaintsPolicy":"Honor","matchLabelKeys":["hash"],"labelSelector":{}}],
             "tolerations":[{"operator":"Exists","tolerationSeconds":30}],
             "volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"c"}},{"name":"m","emptyDir":{"medium":"Memory","sizeLimit":"1Gi"}},
              {"name":"e","ephemeral":{"volumeClaimTemplate":{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}}}],
             "containers":[{"name":"c","ports":[{"containerPort":80}],"env":[{"name":"JAVA_OPTS","value":"-Xmx1g"},{"name":"SECRET","value":"s3-cret"}]}]}}]}}
            """#
        )
        #expect(state.problems.isEmpty)
        let pod = try #require(state.pods.first)
        let term = try #require(pod.affinity?.requiredNodeTerms?.first)
        #expect(term.matches(["cores": "8"], nodeName: "y") && !term.matches(["cores": "8"], nodeName: "x"))
        let anti = try #require(pod.affinity?.requiredAntiTerms.first)
        #expect(anti.namespaceSelector == LabelSelector() && anti.mismatchLabelKeys == ["tenant"])
        let spread = try #require(pod.topologySpread.first)
        #expect(spread.maxSkew == 2 && spread.minDomains == 3 && spread.isRequired)
        #expect(spread.nodeAffinityPolicy == .ignore && spread.nodeTaintsPolicy == .honor)
        #expect(pod.tolerations == [Toleration(operator: .exists, seconds: 30)])
        #expect(pod.claimNames == ["c", "p-e"])
        #expect(pod.volumes[1].source == .emptyDir(inMemory: true, sizeLimit: 1 << 30))
        #expect(pod.hostPorts == [HostPort(port: 80)])
        #expect(pod.containers[0].commandLine == ["-Xmx1g"])
    }
}
