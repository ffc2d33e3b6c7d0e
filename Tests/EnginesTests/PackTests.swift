import Contract
import Engines
import Testing

@Suite("Packing")
struct PackTests {
    static let now = Timestamp(milliseconds: 1_782_907_200_000)

    static func node(_ name: String, zone: String = "us-east-1a", cpu: String = "4", extra: String = "") -> String {
        """
        {"kind":"Node","apiVersion":"v1","metadata":{"name":"\(name)","labels":{"kubernetes.io/hostname":"\(name)",\
        "node.kubernetes.io/instance-type":"m5.xlarge","topology.kubernetes.io/zone":"\(zone)",\
        "karpenter.sh/capacity-type":"on-demand"}},"spec":{\(extra)},"status":{"allocatable":{"cpu":"\(cpu)",\
        "memory":"14Gi","pods":"58"},"conditions":[{"type":"Ready","status":"True"}]}}
        """
    }

    static func pod(
        _ name: String,
        on node: String?,
        cpu: String = "1",
        app: String = "web",
        owner: String? = "ReplicaSet",
        notes: String = "{}",
        spec: String = ""
    ) -> String {
        let place = node.map { ",\"nodeName\":\"\($0)\"" } ?? ""
        let owners =
            owner.map {
                "[{\"kind\":\"\($0)\",\"name\":\"\(app)\",\"uid\":\"\(app)\",\"apiVersion\":\"apps/v1\",\"controller\":true}]"
            } ?? "[]"
        return """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"\(name)","namespace":"default","labels":{"app":"\(app)"},\
            "annotations":\(notes),"ownerReferences":\(owners)},"spec":{"containers":[{"name":"c","resources":\
            {"requests":{"cpu":"\(cpu)","memory":"1Gi"}}}]\(place)\(spec.isEmpty ? "" : "," + spec)},\
            "status":{"phase":"\(node == nil ? "Pending" : "Running")"}}
            """
    }

    static func request(
        _ nodes: [String],
        _ pods: [String],
        more: String = "",
        constraints: String = "\"allow_replacement\":false"
    ) throws -> JSONValue {
        let text = """
            {"cluster_state":{"nodes":[\(nodes.joined(separator: ","))],"pods":[\(pods.joined(separator: ","))]\
            \(more.isEmpty ? "" : "," + more)},"requirements":{},"constraints":{\(constraints)}}
            """
        return try JSONParser.parse(Array(text.utf8))
    }

    static func market() throws -> RegionMarket {
        try Market.make([
            .init(name: "m5.xlarge", onDemand: 0.192), .init(name: "m5.large", vcpus: 2, gib: 8, onDemand: 0.096),
        ])
    }

    static func decide(_ request: JSONValue) throws -> Decision {
        try PackFixture.decide(request, try market(), now: now)
    }

    static func drained(_ decision: Decision) -> [String] {
        decision.metadata["nodes_to_drain"]?.array?.compactMap(\.string) ?? []
    }

    static func reasons(_ decision: Decision, _ node: String) -> [String] {
        let blocked = decision.metadata["blocked_nodes"]?.array ?? []
        let row = blocked.first { $0["node"]?.string == node }
        return row?["reasons"]?.array?.compactMap { $0["reason"]?.string } ?? []
    }

    struct Pin: Sendable {
        var reason: String
        var notes = "{}"
        var owner: String? = "ReplicaSet"
        var spec = ""

        static let all = [
            Pin(reason: "do_not_disrupt", notes: "{\"karpenter.sh/do-not-disrupt\":\"true\"}"),
            Pin(
                reason: "safe_to_evict_false",
                notes: "{\"cluster-autoscaler.kubernetes.io/safe-to-evict\":\"false\"}"
            ),
            Pin(reason: "pod_without_controller", owner: nil),
            Pin(reason: "local_storage", spec: "\"volumes\":[{\"name\":\"d\",\"emptyDir\":{}}]"),
            Pin(reason: "local_storage", spec: "\"volumes\":[{\"name\":\"d\",\"hostPath\":{\"path\":\"/d\"}}]"),
            Pin(
                reason: "volume_unknown",
                owner: "StatefulSet",
                spec: "\"volumes\":[{\"name\":\"d\",\"persistentVolumeClaim\":{\"claimName\":\"gone\"}}]"
            ),
        ]
    }

    @Test("a pod that must not be disturbed keeps its node, and the answer names it", arguments: Pin.all)
    func pinned(pin: Pin) throws {
        let nodes = [Self.node("a"), Self.node("b")]
        let pods = [
            Self.pod("p", on: "a", owner: pin.owner, notes: pin.notes, spec: pin.spec),
            Self.pod("q", on: "b", owner: pin.owner, notes: pin.notes, spec: pin.spec),
        ]
        let decision = try Self.decide(try Self.request(nodes, pods))
        #expect(Self.drained(decision).isEmpty)
        #expect(Self.reasons(decision, "a") == [pin.reason])
        #expect(decision.estimatedSavings == 0)
    }

    @Test("without any pod in the request nothing is drained")
    func noPods() throws {
        let decision = try Self.decide(try Self.request([Self.node("a"), Self.node("b")], []))
        #expect(Self.drained(decision).isEmpty)
        #expect(Self.reasons(decision, "a") == ["no_pods_sent"])
    }

    @Test("a pod that cannot be read keeps its node")
    func unreadable() throws {
        let bad = Self.pod("bad", on: "b").replacing("\"cpu\":\"1\"", with: "\"cpu\":\"many\"")
        let decision = try Self.decide(
            try Self.request([Self.node("a"), Self.node("b")], [Self.pod("p", on: "a"), bad])
        )
        #expect(!Self.drained(decision).contains("b"))
    }

    @Test("the dearer of two half-empty nodes goes, and its pod is expected on the other")
    func simple() throws {
        let decision = try Self.decide(
            try Self.request(
                [Self.node("a"), Self.node("b")],
                [Self.pod("p", on: "a"), Self.pod("q", on: "b", cpu: "2")]
            )
        )
        #expect(Self.drained(decision).count == 1)
        #expect(abs(decision.estimatedSavings - 0.192 * 730) < 1e-9)
        #expect(decision.recommendations.first?["instance_type"]?.string == "m5.xlarge")
        #expect(
            decision.plan.map(\.action) == ["cordon_nodes", "evict_pods", "verify_pods_running", "terminate_nodes"]
        )
        #expect(decision.plan.filter(\.requiresConfirmation).map(\.action) == ["evict_pods", "terminate_nodes"])
    }

    @Test("a node whose price is unknown stays while it has pods to move")
    func unknownPrice() throws {
        let strange = Self.node("a").replacing("m5.xlarge", with: "z9.mega")
        let decision = try Self.decide(
            try Self.request([strange, Self.node("b", cpu: "1")], [Self.pod("p", on: "a"), Self.pod("q", on: "b")])
        )
        #expect(!Self.drained(decision).contains("a"))
        #expect(Self.reasons(decision, "a") == ["price_unknown"])
        #expect(decision.dataQuality < 1)
    }

    @Test("budgets cut the drain into waves")
    func waves() throws {
        let budget = """
            "pdbs":[{"kind":"PodDisruptionBudget","apiVersion":"policy/v1","metadata":{"name":"web","namespace":"default"},\
            "spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"}}},"status":{"disruptionsAllowed":1}}]
            """
        let pods = [Self.pod("p", on: "a"), Self.pod("q", on: "a"), Self.pod("r", on: "b", cpu: "2")]
        let decision = try Self.decide(try Self.request([Self.node("a"), Self.node("b")], pods, more: budget))
        let waves = decision.metadata["migrations"]?.array?.compactMap { $0["wave"]?.integer } ?? []
        #expect(waves == (Self.drained(decision) == ["a"] ? [1, 2] : [1]))
        #expect(Self.drained(decision).count == 1)
    }

    @Test(
        "absurd quantities, duplicates and empty lists are answered without a trap",
        arguments: [
            "9223372036854775807", "1e300", "-5", "0", "1n", "999999999999Ei",
        ]
    )
    func hostile(quantity: String) throws {
        let nodes = [Self.node("a", cpu: quantity), Self.node("a"), Self.node("b"), Self.node("c", cpu: quantity)]
        let pods = [
            Self.pod("p", on: "a", cpu: quantity), Self.pod("p", on: "b"), Self.pod("q", on: "b", cpu: quantity),
            Self.pod("r", on: nil, cpu: quantity), Self.pod("s", on: "nowhere"), Self.pod("t", on: "c"),
        ]
        let decision = try Self.decide(try Self.request(nodes, pods))
        #expect(decision.dataQuality <= 1)
        let none = try Self.decide(try Self.request([], []))
        #expect(none.plan.isEmpty && none.recommendations.isEmpty)
        let single = try Self.decide(try Self.request([Self.node("a")], [Self.pod("d", on: "a", owner: "DaemonSet")]))
        #expect(Self.drained(single).isEmpty, "the last node stays")
    }

    @Test("pure packing names machines and touches nothing")
    func fresh() throws {
        let pods = (0..<7).map { Self.pod("p\($0)", on: nil) }
        let decision = try Self.decide(
            try Self.request([], pods, constraints: "\"mode\":\"pack\",\"step_limit\":1000000")
        )
        let nodes = decision.recommendations.compactMap { $0["node_count"]?.integer }.reduce(0, +)
        #expect(nodes >= 2)
        #expect(decision.plan.isEmpty)
        #expect(decision.metadata["unplaced_pods"]?.array?.isEmpty == true)
    }
}
