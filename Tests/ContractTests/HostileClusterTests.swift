import Contract
import Testing

@Suite("Hostile cluster states")
struct HostileClusterTests {
    private static func read(_ state: String) throws -> ClusterState {
        try DecisionRequest(body: Array(#"{"cluster_state":\#(state)}"#.utf8), type: .binPack).cluster
    }

    @Test(
        "a malformed item is one problem, and the rest goes on",
        arguments: [
            ("null", "cluster_state.pods[0]"), ("7", "cluster_state.pods[0]"), ("[]", "cluster_state.pods[0]"),
            (#"{"metadata":{}}"#, "cluster_state.pods[0].metadata.name"),
            (#"{"metadata":{"name":5}}"#, "cluster_state.pods[0].metadata.name"),
            (#"{"metadata":{"name":"a\u0000b"}}"#, "cluster_state.pods[0].metadata.name"),
            (#"{"metadata":{"name":"a","labels":{"x":5}}}"#, "cluster_state.pods[0].metadata.labels.x"),
            (#"{"metadata":{"name":"a","labels":[]}}"#, "cluster_state.pods[0].metadata.labels"),
            (
                #"{"metadata":{"name":"a","creationTimestamp":"yesterday"}}"#,
                "cluster_state.pods[0].metadata.creationTimestamp"
            ),
            (#"{"metadata":{"name":"a"},"spec":[]}"#, "cluster_state.pods[0].spec"),
            (#"{"metadata":{"name":"a"},"spec":{"containers":{}}}"#, "cluster_state.pods[0].spec.containers"),
            (
                #"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"-1"}}}]}}"#,
                "cluster_state.pods[0].spec.containers[0].resources.requests.cpu"
            ),
            (
                #"{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1x"}}}]}}"#,
                "cluster_state.pods[0].spec.containers[0].resources.requests.cpu"
            ),
            (
                #"{"metadata":{"name":"a"},"spec":{"tolerations":[{"operator":"Perhaps"}]}}"#,
                "cluster_state.pods[0].spec.tolerations[0].operator"
            ),
            (
                #"{"metadata":{"name":"a"},"spec":{"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"z"}]}}"#,
                "cluster_state.pods[0].spec.topologySpreadConstraints[0].maxSkew"
            ),
            (#"{"name":"a","cpu_request":-1}"#, "cluster_state.pods[0].cpu_request"),
            (#"{"name":"a","memory_request":[]}"#, "cluster_state.pods[0].memory_request"),
        ]
    )
    func malformed(item: String, field: String) throws {
        let state = try Self.read(#"{"pods":[\#(item),{"metadata":{"name":"good"}}]}"#)
        #expect(state.pods.map(\.name) == ["good"])
        #expect(state.problems.map(\.field) == [field])
        #expect(state.unreadable.count == 1)
        #expect(state.hasUnplacedUnreadablePods)
    }

    @Test("where an unreadable pod runs is doubted, when that much can be read")
    func doubt() throws {
        let state = try Self.read(
            #"{"pods":[{"metadata":{"name":"a"},"spec":{"nodeName":"n","priority":"x"}}],"nodes":[{"metadata":{"name":"m","labels":7}}]}"#
        )
        #expect(state.doubtfulNodes == ["m", "n"])
        #expect(!state.hasUnplacedUnreadablePods)
    }

    @Test("absurd quantities stop at the end of 64 bits, and their sums too")
    func absurd() throws {
        let state = try Self.read(
            #"""
            {"pods":[{"metadata":{"name":"a"},"spec":{"containers":[
             {"name":"c","resources":{"requests":{"cpu":1e308,"memory":"9e99","nvidia.com/gpu":"1E","pods":3}}},
             {"name":"d","resources":{"requests":{"cpu":"999999999999E","memory":1e300,"nvidia.com/gpu":"9E"}}}]}}],
             "deployments":[{"metadata":{"name":"d"},"spec":{"replicas":1000000000}}],
             "nodes":[{"name":"n","cpu_capacity":1e11,"memory_capacity":1e17}]}
            """#
        )
        #expect(state.problems.isEmpty)
        let request = try #require(state.pods.first).effectiveRequest
        #expect(request.cpu == .max && request.memory == .max && request.extended["nvidia.com/gpu"] == .max)
        #expect(request.pods == 1)
        #expect(state.workloads.first?.replicas == 1_000_000_000)
    }

    @Test("owners in a circle, or in a chain without end, end the search")
    func owners() throws {
        func replicaSet(_ name: String, _ owner: String) -> String {
            #"{"kind":"ReplicaSet","metadata":{"name":"\#(name)","uid":"u-\#(name)","ownerReferences":[{"kind":"ReplicaSet","name":"\#(owner)","uid":"u-\#(owner)","controller":true}]}}"#
        }
        let chain = (0..<100).map { replicaSet("c\($0)", "c\($0 + 1)") }.joined(separator: ",")
        func pod(_ owner: String) -> String {
            #"{"kind":"Pod","metadata":{"name":"p-\#(owner)","ownerReferences":[{"kind":"ReplicaSet","name":"\#(owner)","uid":"u-\#(owner)","controller":true}]}}"#
        }
        let items = [
            replicaSet("a", "b"), replicaSet("b", "a"), replicaSet("s", "s"), chain, pod("a"), pod("s"), pod("c0"),
        ]
        let index = ClusterIndex(try Self.read(#"{"kind":"List","items":[\#(items.joined(separator: ","))]}"#))
        #expect(index.state.problems.isEmpty)
        #expect(index.state.pods.map { index.owner(of: $0)?.name } == ["a", "s", "c0"])
    }

    @Test("of a hundred thousand objects with one name the first counts, and the rest is counted")
    func duplicates() throws {
        let one = #"{"kind":"Pod","metadata":{"name":"a","namespace":"x"},"spec":{"nodeName":"n"}}"#
        let items = Array(repeating: one, count: 100_000).joined(separator: ",")
        let state = try Self.read(#"{"pods":[\#(items)]}"#)
        #expect(state.pods.count == 1)
        #expect(state.problems.count == 1001)
        #expect(state.problems.first?.code == "duplicate")
        #expect(state.problems.last?.message.hasPrefix("98999 more") == true)
        // Identical copies hide nothing.
        #expect(state.unreadable.isEmpty)
    }

    @Test("a duplicate that differs puts both its places in doubt; names of other kinds and namespaces do not count")
    func differentDuplicates() throws {
        let state = try Self.read(
            #"""
            {"kind":"List","items":[
             {"kind":"Pod","metadata":{"name":"a","uid":"1"},"spec":{"nodeName":"n"}},
             {"kind":"Pod","metadata":{"name":"a","uid":"2"},"spec":{"nodeName":"m"}},
             {"kind":"Pod","metadata":{"name":"b","uid":"1"},"spec":{"nodeName":"k"}},
             {"kind":"Pod","metadata":{"name":"a","namespace":"other"}},
             {"kind":"Service","metadata":{"name":"a"}}]}
            """#
        )
        #expect(state.pods.map(\.key.description) == ["default/a", "other/a"])
        #expect(state.problems.map(\.field) == ["cluster_state.items[1]", "cluster_state.items[2]"])
        #expect(state.doubtfulNodes == ["k", "m"])
        #expect(state.services.count == 1)
    }

    @Test("what is no object in a list of objects is a problem; in the requirements it may mean anything")
    func rubbish() throws {
        let state = try Self.read(#"{"items":[null,5,{"x":1},{"kind":"Secret","metadata":{"name":"s"}}]}"#)
        #expect(state.problems.map(\.field) == (0...2).map { "cluster_state.items[\($0)]" })
        let body = #"{"cluster_state":{},"requirements":{"pods":20,"nodes":["i-1",null,{"x":1}],"events":{"a":{}}}}"#
        let request = try DecisionRequest(body: Array(body.utf8), type: .binPack)
        #expect(request.cluster == ClusterState())
        #expect(request.requirements["nodes"]?.array?.count == 3)
    }

    @Test("nulls by the million take bounded memory")
    func nulls() throws {
        let state = try Self.read(#"{"pods":[\#(Array(repeating: "null", count: 200_000).joined(separator: ","))]}"#)
        #expect(state.problems.count == 1001)
        #expect(state.isMostlyUnreadable && state.hasUnplacedUnreadablePods)
    }

    @Test("what is nested too deep is refused, what is nested just not too deep is read")
    func nesting() throws {
        func nested(_ depth: Int) -> String {
            #"{"pods":[{"metadata":{"name":"a"},"spec":{"x":\#(String(repeating: "[", count: depth))\#(String(repeating: "]", count: depth))}}]}"#
        }
        #expect(try Self.read(nested(58)).pods.count == 1)
        #expect(throws: APIError.self) { try Self.read(nested(100_000)) }
    }

    @Test(
        "a member of the wrong kind is a problem, not a failure",
        arguments: [
            #"{"pods":"none"}"#, #"{"nodes":3}"#, #"{"pods":true}"#, #"{"pods":{"a":1,"b":"x"}}"#, #"{"items":4}"#,
        ]
    )
    func wrongMembers(state: String) throws {
        #expect(try Self.read(state).isEmpty)
    }
}
