import Contract
import Engines
import Testing

/// The network optimizer on clusters as kubectl prints them.
@Suite("Network optimizer on native objects")
struct NetworkClusterTests {
    static func node(_ name: String, _ zone: String, cpu: String = "4", version: String = "v1.35.0") -> JSONValue {
        [
            "kind": "Node",
            "metadata": ["name": .string(name), "labels": ["topology.kubernetes.io/zone": .string(zone)]],
            "status": [
                "allocatable": ["cpu": .string(cpu), "memory": "16Gi", "pods": "58"],
                "conditions": [["type": "Ready", "status": "True"]], "nodeInfo": ["kubeletVersion": .string(version)],
            ],
        ]
    }

    static func pod(
        _ name: String,
        _ node: String,
        app: String,
        owner: String = "ReplicaSet",
        cpu: String = "500m",
        spec: JSONObject = [:],
        annotations: JSONObject = [:],
        namespace: String = "shop",
        ip: String? = nil
    ) -> JSONValue {
        var spec = spec
        spec["nodeName"] = .string(node)
        spec["containers"] = [["name": "main", "resources": ["requests": ["cpu": .string(cpu), "memory": "256Mi"]]]]
        var meta: JSONObject = [
            "name": .string(name), "namespace": .string(namespace), "labels": ["app": .string(app)],
            "annotations": .object(annotations),
        ]
        if !owner.isEmpty {
            meta["ownerReferences"] = [["kind": .string(owner), "name": .string(app), "controller": true]]
        }
        var status: JSONObject = ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
        if let ip { status["podIP"] = .string(ip) }
        return ["kind": "Pod", "metadata": .object(meta), "spec": .object(spec), "status": .object(status)]
    }

    static func service(_ app: String, _ spec: JSONObject = [:]) -> JSONValue {
        var spec = spec
        spec["selector"] = ["app": .string(app)]
        return [
            "kind": "Service", "metadata": ["name": .string(app + "-svc"), "namespace": "shop"], "spec": .object(spec),
        ]
    }

    static let nodes = [node("n1", "us-east-1a"), node("n2", "us-east-1b"), node("n3", "us-east-1c")]

    static func row(_ one: String, _ two: String, _ gb: Double) -> JSONValue {
        ["pod_a": .string(one), "pod_b": .string(two), "daily_gb": .double(gb)]
    }

    static func decide(
        _ rows: [JSONValue],
        pods: [JSONValue],
        nodes: [JSONValue] = nodes,
        services: [JSONValue] = [],
        more: JSONObject = [:],
        requirements: JSONObject = [:]
    ) throws -> Decision {
        var state = more
        state["nodes"] = ["kind": "List", "items": .array(nodes)]
        state["pods"] = .array(pods)
        if !services.isEmpty { state["services"] = .array(services) }
        return try Network.decide(Network.matrix(rows, requirements, state: state))
    }

    @Test("zones follow from pod, node and label; addresses find their pods")
    func zones() throws {
        let pods = [
            Self.pod("web-1", "n1", app: "web", ip: "10.0.0.1"), Self.pod("db-1", "n2", app: "db", ip: "10.0.1.1"),
        ]
        let byName = try Self.decide([Self.row("shop/web-1", "db-1", 100)], pods: pods)
        #expect(byName.metadata["cross_zone_daily_gb_now"] == 100.0)
        #expect(byName.metadata["region"] == "us-east-1")
        let byAddress = try Self.decide(
            [["srcaddr": "10.0.0.1", "dstaddr": "10.0.1.1", "daily_gb": 100]],
            pods: pods
        )
        #expect(byAddress.metadata["cross_zone_daily_gb_now"] == 100.0)
        #expect(Network.moves(byName).count == 1)
        #expect(byName.dataQuality == 1)
        #expect(byName.recommendations[0]["capacity_verified"] == true)
    }

    @Test("no zone is filled beyond its capacity")
    func capacity() throws {
        let full = [Self.node("n1", "us-east-1a", cpu: "1"), Self.node("n2", "us-east-1b", cpu: "1")]
        let pods = [
            Self.pod("web-1", "n1", app: "web", cpu: "600m"), Self.pod("db-1", "n2", app: "db", cpu: "600m"),
        ]
        let decision = try Self.decide([Self.row("web-1", "db-1", 100)], pods: pods, nodes: full)
        #expect(Network.moves(decision).isEmpty)
        #expect(decision.reasons["no_room"] == 1)
        #expect(decision.estimatedSavings == 0)
    }

    @Test(
        "pods that must stay do, and the reason is said",
        arguments: [
            ("daemonset", "DaemonSet", "{}", "{}"), ("job", "Job", "{}", "{}"), ("bare_pod", "", "{}", "{}"),
            ("do_not_disrupt", "ReplicaSet", "{}", #"{"karpenter.sh/do-not-disrupt":"true"}"#),
            (
                "not_safe_to_evict", "ReplicaSet", "{}",
                #"{"cluster-autoscaler.kubernetes.io/safe-to-evict":"false"}"#
            ), ("node_rules", "ReplicaSet", #"{"nodeSelector":{"topology.kubernetes.io/zone":"us-east-1a"}}"#, "{}"),
            ("local_storage", "ReplicaSet", #"{"volumes":[{"name":"v","hostPath":{"path":"/data"}}]}"#, "{}"),
            (
                "volume_zone_unknown", "ReplicaSet",
                #"{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}"#, "{}"
            ),
            (
                "node_rules", "ReplicaSet",
                #"{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"In","values":["us-east-1a"]}]}]}}}}"#,
                "{}"
            ),
        ]
    )
    func pins(reason: String, owner: String, spec: String, annotations: String) throws {
        func object(_ text: String) throws -> JSONObject { try #require(JSONParser.parse(Array(text.utf8)).object) }
        let pods = [
            Self.pod(
                "web-1",
                "n1",
                app: "web",
                owner: owner,
                spec: try object(spec),
                annotations: try object(annotations)
            ), Self.pod("db-1", "n2", app: "db"),
        ]
        var request: JSONObject = ["pinned_pods": ["db-1"]]
        let decision = try Self.decide([Self.row("web-1", "db-1", 100)], pods: pods, requirements: request)
        #expect(Network.moves(decision).isEmpty)
        #expect(
            decision.rejected.all.contains { $0.detail?.contains("web: \(reason)") == true },
            "\(decision.rejected.all)"
        )
        // The other side is free to come.
        request = [:]
        let free = try Self.decide([Self.row("web-1", "db-1", 100)], pods: pods, requirements: request)
        #expect(Network.moves(free) == ["shop/db-1": "us-east-1a"])
    }

    @Test("a volume holds its pod in its zone, and a budget without room holds it altogether")
    func volumes() throws {
        let claim: JSONObject = ["volumes": [["name": "v", "persistentVolumeClaim": ["claimName": "data"]]]]
        let pods = [
            Self.pod("web-1", "n1", app: "web"), Self.pod("db-0", "n2", app: "db", owner: "StatefulSet", spec: claim),
        ]
        let storage: JSONObject = [
            "persistent_volumes": [
                [
                    "kind": "PersistentVolume",
                    "metadata": ["name": "pv-1", "labels": ["topology.kubernetes.io/zone": "us-east-1b"]],
                    "spec": ["capacity": ["storage": "10Gi"], "claimRef": ["namespace": "shop", "name": "data"]],
                    "status": ["phase": "Bound"],
                ]
            ],
            "persistent_volume_claims": [
                [
                    "kind": "PersistentVolumeClaim", "metadata": ["name": "data", "namespace": "shop"],
                    "spec": ["volumeName": "pv-1"], "status": ["phase": "Bound"],
                ]
            ],
        ]
        let decision = try Self.decide([Self.row("web-1", "db-0", 100)], pods: pods, more: storage)
        #expect(Network.moves(decision) == ["shop/web-1": "us-east-1b"])
        var bound = storage
        bound["pod_disruption_budgets"] = [
            [
                "kind": "PodDisruptionBudget", "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["selector": ["matchLabels": ["app": "web"]], "minAvailable": 1],
                "status": ["disruptionsAllowed": 0],
            ]
        ]
        let blocked = try Self.decide([Self.row("web-1", "db-0", 100)], pods: pods, more: bound)
        #expect(Network.moves(blocked).isEmpty)
        #expect(blocked.rejected.all.contains { $0.detail?.contains("web: disruption_budget") == true })
    }

    @Test("a pod that could not be read leaves nothing to move on")
    func doubtful() throws {
        var broken = try #require(Self.pod("x-1", "n1", app: "x").object)
        broken["spec"] = "no spec"
        let pods = [Self.pod("web-1", "n1", app: "web"), Self.pod("db-1", "n2", app: "db"), .object(broken)]
        let decision = try Self.decide([Self.row("web-1", "db-1", 100)], pods: pods)
        #expect(Network.moves(decision).isEmpty)
        #expect(!decision.itemProblems.isEmpty)
        #expect(decision.plan.isEmpty)
    }

    // MARK: Routing

    /// Two services with one replica in each zone, all pairs alike.
    static func everywhere(_ gb: Double) -> (pods: [JSONValue], rows: [JSONValue]) {
        var pods: [JSONValue] = []
        var rows: [JSONValue] = []
        for zone in 1...3 {
            pods.append(pod("web-\(zone)", "n\(zone)", app: "web"))
            pods.append(pod("api-\(zone)", "n\(zone)", app: "api"))
            for other in 1...3 { rows.append(row("web-\(zone)", "api-\(other)", gb)) }
        }
        return (pods, rows)
    }

    @Test("where both sides have endpoints in every zone, routing is changed and nobody moves")
    func routing() throws {
        let (pods, rows) = Self.everywhere(20)
        let decision = try Self.decide(rows, pods: pods, services: [Self.service("api")])
        #expect(decision.recommendations.map { $0["action"] } == ["set_traffic_distribution"])
        let item = decision.recommendations[0]
        #expect(item["kubernetes_services"] == ["api-svc"])
        #expect(item["traffic_distribution"] == "PreferSameZone")
        #expect(item["monthly_savings"] == 72.0)
        #expect(item["cross_zone_share_now"] == 0.6667)
        #expect(item["cross_zone_share_after"] == 0.0)
        #expect(abs(decision.estimatedSavings - 72) < 1e-9)
        #expect(decision.plan.map(\.action) == ["set_traffic_distribution", "measure_cross_zone_traffic"])
        #expect(decision.plan[0].parameters["patch"] == ["spec": ["trafficDistribution": "PreferSameZone"]])
        let old = [
            Self.node("n1", "us-east-1a", version: "v1.31.4"), Self.node("n2", "us-east-1b"),
            Self.node("n3", "us-east-1c"),
        ]
        let older = try Self.decide(rows, pods: pods, nodes: old, services: [Self.service("api")])
        #expect(older.recommendations[0]["traffic_distribution"] == "PreferClose")
    }

    @Test(
        "routing is left alone where it would not work, and the reason is said",
        arguments: [
            (#"{"clusterIP":"None"}"#, "headless_service"), (#"{"trafficDistribution":"PreferClose"}"#, "already_set"),
            (#"{"internalTrafficPolicy":"Local"}"#, "internal_traffic_local"),
        ]
    )
    func obstacles(spec: String, reason: String) throws {
        let (pods, rows) = Self.everywhere(20)
        let service = Self.service("api", try #require(JSONParser.parse(Array(spec.utf8)).object))
        let decision = try Self.decide(rows, pods: pods, services: [service])
        #expect(!decision.recommendations.contains { $0["action"] == "set_traffic_distribution" })
        #expect(decision.reasons[reason] == 1)
    }

    @Test("a zone without an endpoint, or with too much load for its endpoints, forbids it")
    func load() throws {
        // Clients in every zone, endpoints in two.
        let (pods, rows) = Self.everywhere(20)
        let fewer = pods.filter { $0["metadata"]?["name"] != "api-3" }
        let some = rows.filter { $0["pod_b"] != "api-3" }
        let missing = try Self.decide(some, pods: fewer, services: [Self.service("api")])
        #expect(missing.reasons["endpoint_missing_in_zone"] == 1)
        // Two clients share a zone: its endpoint would get 1.5 times its share.
        let uneven = [
            Self.pod("web-1", "n1", app: "web"), Self.pod("web-2", "n1", app: "web"),
            Self.pod("web-3", "n2", app: "web"),
            Self.pod("web-4", "n3", app: "web"), Self.pod("api-1", "n1", app: "api"),
            Self.pod("api-2", "n2", app: "api"),
            Self.pod("api-3", "n3", app: "api"),
        ]
        let all = (1...4).flatMap { web in (1...3).map { Self.row("web-\(web)", "api-\($0)", 20) } }
        let decision = try Self.decide(
            all,
            pods: uneven,
            services: [Self.service("api")],
            requirements: ["levers": ["traffic_distribution"]]
        )
        #expect(decision.reasons["load_above_limit"] == 1)
        #expect(decision.recommendations.isEmpty)
    }

    @Test("an endpoint that is not ready does not count")
    func notReady() throws {
        var (pods, rows) = Self.everywhere(20)
        pods = pods.map { pod in
            guard pod["metadata"]?["name"] == "api-3", var object = pod.object else { return pod }
            object["status"] = ["phase": "Running", "conditions": [["type": "Ready", "status": "False"]]]
            return .object(object)
        }
        rows = rows.filter { $0["pod_b"] != "api-3" }
        let decision = try Self.decide(rows, pods: pods, services: [Self.service("api")])
        #expect(decision.reasons["endpoint_missing_in_zone"] == 1)
    }
}
