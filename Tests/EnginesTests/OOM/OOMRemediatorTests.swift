import Contract
import Engines
import Testing

@Suite("OOMKilled remediation")
struct OOMRemediatorTests {
    static func status(
        _ reason: String = "OOMKilled",
        exit: Int = 137,
        hoursAgo: Int = 1,
        restarts: Int = 1,
        isCurrent: Bool = false
    ) -> String {
        let at = Sizing.now.adding(hours: -hoursAgo).description
        let ended = "{\"terminated\":{\"exitCode\":\(exit),\"reason\":\"\(reason)\",\"finishedAt\":\"\(at)\"}}"
        let running = "{\"running\":{\"startedAt\":\"\(at)\"}}"
        return
            "{\"name\":\"app\",\"ready\":true,\"restartCount\":\(restarts),\"state\":\(isCurrent ? ended : running),\"lastState\":\(isCurrent ? "{}" : ended)}"
    }

    static func pod(
        _ name: String = "web-abc12-x1",
        limit: String? = "512Mi",
        request: String? = "256Mi",
        extra: String = "",
        status: String = status()
    ) -> String {
        let requests = request.map { #""requests":{"memory":"\#($0)"}"# }
        let limits = limit.map { #""limits":{"memory":"\#($0)"}"# }
        let resources = "{" + [requests, limits].compactMap { $0 }.joined(separator: ",") + "}"
        return Sizing.pod(name, resources: resources, extra: extra, status: status)
    }

    static func state(_ pods: [String], extra: String = "") -> String {
        #"{"nodes":[{"name":"n1","instance_type":"m5.2xlarge","cpu_cores":8,"memory_gb":32}],"pods":["#
            + pods.joined(separator: ",") + "]" + extra + "}"
    }

    @Test("a container killed at its limit gets half more, by a patch of its Deployment that needs consent")
    func raise() throws {
        let decision = try Sizing.decideOOM(Self.state([Self.pod()]))
        let item = try #require(decision.first)
        #expect(item["kind"] == "container_limit")
        #expect(item["action"] == "update_memory_limit")
        #expect(item["deployment"] == "web")
        #expect(item["current_memory_mb"] == 512)
        #expect(item["recommended_memory_mb"] == 768)
        #expect(item["recommended_request_mb"] == 256)
        #expect(item["oomkilled_count"] == 1)
        #expect(item["confidence"] == 0.7)
        #expect(item["patch"]?["kind"] == "Deployment")
        #expect(item["resources"] == ["limits": ["memory": "768Mi"]])
        #expect(item["patch"]?["metadata"]?["annotations"] == ["cloudoptim.io/original-memory-limit.app": "512Mi"])
        // 0.25 GiB of a node of 32 GiB at 0.384 USD.
        #expect(item["cost_delta"] == 2.19)
        #expect(decision.estimatedSavings < -2.18)
        #expect(decision.plan.map(\.action) == ["update_deployments", "rolling_restart", "monitor_pods"])
        #expect(decision.plan[0].requiresConfirmation)
    }

    @Test(
        "other ends are no memory kills",
        arguments: [("Error", 137), ("Error", 143), ("Completed", 0), ("Error", 1), ("ContainerCannotRun", 128)]
    )
    func others(reason: String, exit: Int) throws {
        let decision = try Sizing.decideOOM(Self.state([Self.pod(status: Self.status(reason, exit: exit))]))
        #expect(decision.recommendations.isEmpty)
        #expect(decision.plan.isEmpty)
        #expect(decision.rejected.all.map(\.reason) == (exit == 137 ? ["sigkill_is_no_memory_kill"] : []))
    }

    @Test("three kills are repaired, the fourth is for a human; the caller may move the line")
    func kills() throws {
        func decide(_ count: Int, _ requirements: String = "{}") throws -> JSONValue? {
            let pods = (0..<count).map { Self.pod("web-abc12-x\($0)", status: Self.status(hoursAgo: $0 + 1)) }
            return try Sizing.decideOOM(Self.state(pods), requirements).first
        }
        #expect(try decide(3)?["action"] == "update_memory_limit")
        #expect(try decide(4)?["action"] == "manual_review")
        #expect(try decide(4)?["review_reasons"] == ["too_many_kills"])
        #expect(try decide(4)?["oomkilled_count"] == 4)
        #expect(try decide(3, #"{"max_kills":2}"#)?["action"] == "manual_review")
        #expect(try decide(4, #"{"max_kills":4}"#)?["action"] == "update_memory_limit")
    }

    @Test("the window is 24 hours, stamps in the future are rejected, and one end told thrice is one")
    func window() throws {
        let old = try Sizing.decideOOM(Self.state([Self.pod(status: Self.status(hoursAgo: 25))]))
        #expect(old.recommendations.isEmpty)
        #expect(old.rejected.all.map(\.reason) == ["outside_window"])
        let edge = try Sizing.decideOOM(Self.state([Self.pod(status: Self.status(hoursAgo: 24))]))
        #expect(edge.recommendations.count == 1)
        let future = try Sizing.decideOOM(Self.state([Self.pod(status: Self.status(hoursAgo: -1))]))
        #expect(future.recommendations.isEmpty)
        #expect(future.rejected.all.map(\.reason) == ["stamp_in_the_future"])
        let at = Sizing.now.adding(hours: -1).description
        let event =
            #"{"pod":"web-abc12-x1","namespace":"shop","container":"app","reason":"OOMKilled","finished_at":"\#(at)"}"#
        let twice = try Sizing.decideOOM(Self.state([Self.pod()]), #"{"pod_events":[\#(event),\#(event)]}"#)
        #expect(twice.first?["oomkilled_count"] == 1)
    }

    @Test("a container that is still down is reported however old its end is, and left to a human")
    func stillDown() throws {
        let status = Self.status(hoursAgo: 900, isCurrent: true)
        let decision = try Sizing.decideOOM(Self.state([Self.pod(status: status)]))
        #expect(decision.first?["recommended_memory_mb"] == 768)
        #expect(decision.first?["action"] == "manual_review")
        #expect(decision.first?["review_reasons"] == ["older_than_window"])
        #expect(decision.plan.isEmpty)
    }

    @Test("the documented pod_events: grouped by namespace and name, MB read as MiB, kills counted")
    func podEvents() throws {
        let events = """
            [{"deployment":"web","namespace":"a","reason":"OOMKilled","current_memory_mb":512},
            {"deployment":"web","namespace":"a","reason":"OOMKilled","current_memory_mb":400},
            {"deployment":"web","namespace":"b","reason":"OOMKilled","current_memory_mb":100},
            {"deployment":"api","reason":"Error","exit_code":143,"current_memory_mb":512},
            {"deployment":"job","reason":"Error","exit_code":137},
            {"reason":"OOMKilled"},7,{"deployment":"x","reason":"OOMKilled","current_memory_mb":-5}]
            """
        let decision = try Sizing.decideOOM("{}", #"{"pod_events":\#(events)}"#)
        #expect(decision.recommendations.map { $0["namespace"]?.string } == ["a", "b"])
        #expect(decision.recommendations.map { $0["recommended_memory_mb"]?.integer } == [768, 200])
        #expect(decision.recommendations.map { $0["oomkilled_count"]?.integer } == [2, 1])
        #expect(decision.recommendations.allSatisfy { $0["action"] == "update_memory_limit" })
        // The documented record names no container: the amounts are planned, a patch needs the name.
        #expect(decision.recommendations.allSatisfy { $0["patch_obstacle"] == "container_unknown" })
        #expect(decision.plan.map(\.action) == ["update_deployments", "rolling_restart", "monitor_pods"])
        #expect(decision.plan[0].parameters["patches"] == [])
        #expect(decision.plan[0].parameters["resources"]?[0] == ["limits": ["memory": "768Mi"]])
        #expect(decision.itemProblems.count == 3)
        #expect(decision.reason(of: "default/Deployment/job/") == "sigkill_is_no_memory_kill")
    }

    @Test("kills below the limit, without a limit, or with the whole node, never raise the limit alone")
    func nodeLevel() throws {
        let metrics = #","metrics":{"shop/web-abc12-x1/app":{"memory":\#(Sizing.series(300) { _ in 300e6 })}}"#
        let unlimited = try #require(
            try Sizing.decideOOM(Self.state([Self.pod(limit: nil, request: "64Mi")], extra: metrics)).first
        )
        #expect(unlimited["kind"] == "node_pressure")
        #expect(unlimited["action"] == "raise_memory_request")
        #expect(unlimited["recommended_request_mb"] == 287)
        #expect(unlimited["recommended_memory_mb"] == .null)
        #expect(unlimited["resources"] == ["requests": ["memory": "287Mi"]])
        let event = """
            ,"events":[{"kind":"Event","metadata":{"name":"e1","namespace":"default"},"reason":"SystemOOM","type":"Warning",
            "message":"System OOM encountered, victim process: app","involvedObject":{"kind":"Node","name":"n1"},
            "lastTimestamp":"\(Sizing.now.adding(hours: -1).description)"}]
            """
        let system = try #require(try Sizing.decideOOM(Self.state([Self.pod()], extra: event)).first)
        #expect(system["kind"] == "system_oom")
        #expect(system["action"] == "manual_review")
        #expect(system["recommended_memory_mb"] == 512)
        let far = event.replacing(
            Sizing.now.adding(hours: -1).description,
            with: Sizing.now.adding(hours: -3).description
        )
        #expect(try Sizing.decideOOM(Self.state([Self.pod()], extra: far)).first?["kind"] == "container_limit")
    }

    @Test("use below the limit blames the node only when the node says so, or when it was less than half")
    func blame() throws {
        let metrics = #","metrics":{"shop/web-abc12-x1/app":{"memory":\#(Sizing.series(300) { _ in 400e6 })}}"#
        let calm = try #require(try Sizing.decideOOM(Self.state([Self.pod()], extra: metrics)).first)
        #expect(calm["kind"] == "container_limit")
        #expect(calm["recommended_memory_mb"] == 768)
        #expect(calm["recommended_request_mb"] == 382)
        let node = """
            {"nodes":[{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"node.kubernetes.io/instance-type":"m5.large"}},
            "status":{"conditions":[{"type":"MemoryPressure","status":"True"},{"type":"Ready","status":"True"}],
            "capacity":{"cpu":"2","memory":"8Gi","pods":"29"}}}],"pods":[\(Self.pod())]\(metrics)}
            """
        #expect(try Sizing.decideOOM(node).first?["kind"] == "node_pressure")
        func event(_ peak: Int) throws -> JSONValue? {
            let text =
                #"{"pod_events":[{"deployment":"w","reason":"OOMKilled","current_memory_mb":512,"peak_memory_mb":\#(peak)}]}"#
            return try Sizing.decideOOM("{}", text).first
        }
        #expect(try event(500)?["kind"] == "container_limit")
        #expect(try event(255)?["kind"] == "node_pressure")
        #expect(try event(255)?["recommended_request_mb"] == 255)
        #expect(try event(255)?["action"] == "raise_memory_request")
        let silent = try Sizing.decideOOM("{}", #"{"pod_events":[{"deployment":"w","reason":"OOMKilled"}]}"#).first
        #expect(silent?["kind"] == "container_limit")
        #expect(silent?["review_reasons"]?.array?.contains("limit_unknown") == true)
    }

    @Test("an eviction for memory raises the request to what the message says, one for disk does nothing")
    func evicted() throws {
        func pod(_ message: String) -> String {
            Self.pod(status: "").replacing(
                "\"phase\":\"Running\"",
                with: "\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"\(message)\""
            )
        }
        let memory =
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. Container app was using 400Mi, request is 256Mi, has larger consumption of memory. "
        let item = try #require(try Sizing.decideOOM(Self.state([pod(memory)])).first)
        #expect(item["kind"] == "evicted")
        #expect(item["action"] == "raise_memory_request")
        #expect(item["recommended_request_mb"] == 400)
        #expect(item["recommended_memory_mb"] == 512)
        let disk = "The node was low on resource: ephemeral-storage. Container app was using 4Gi, request is 0."
        #expect(try Sizing.decideOOM(Self.state([pod(disk)])).recommendations.isEmpty)
    }

    @Test("v1 Events of a pod's container count like statuses")
    func events() throws {
        let event = """
            ,"events":[{"kind":"Event","metadata":{"name":"e1","namespace":"shop"},"reason":"OOMKilling","type":"Warning",
            "message":"Memory cgroup out of memory","count":2,"involvedObject":{"kind":"Pod","namespace":"shop",
            "name":"web-abc12-x1","fieldPath":"spec.containers{app}"},"lastTimestamp":"\(Sizing.now.adding(hours: -2).description)"}]
            """
        let item = try #require(try Sizing.decideOOM(Self.state([Self.pod(status: "")], extra: event)).first)
        #expect(item["kind"] == "container_limit")
        #expect(item["oomkilled_count"] == 2)
    }

    @Test("a Guaranteed pod stays one")
    func guaranteed() throws {
        let full = #"{"requests":{"cpu":"1","memory":"512Mi"},"limits":{"cpu":"1","memory":"512Mi"}}"#
        let pod = Sizing.pod(resources: full, status: Self.status())
        let item = try #require(try Sizing.decideOOM(Self.state([pod])).first)
        #expect(item["resources"] == ["requests": ["memory": "768Mi"], "limits": ["memory": "768Mi"]])
    }

    @Test("the original limit is remembered: by the caller, by an annotation, by an event")
    func original() throws {
        let pod = Self.pod(limit: "1000Mi")
        let byCaller = try Sizing.decideOOM(Self.state([pod]), #"{"original_limits":{"shop/web/app":512}}"#)
        #expect(byCaller.first?["recommended_memory_mb"] == 1024)
        #expect(byCaller.first?["action"] == "manual_review")
        #expect(byCaller.first?["review_reasons"] == ["cap_reached"])
        let annotated = pod.replacing(
            "\"namespace\":\"shop\",",
            with: "\"namespace\":\"shop\",\"annotations\":{\"cloudoptim.io/original-memory-limit.app\":\"700Mi\"},"
        )
        #expect(try Sizing.decideOOM(Self.state([annotated])).first?["recommended_memory_mb"] == 1400)
    }

    @Test("a limit that was raised since is not raised again")
    func alreadyRaised() throws {
        let deployment =
            #","deployments":[{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":3,"template":{"metadata":{},"spec":{"containers":[{"name":"app","resources":{"limits":{"memory":"768Mi"}}}]}}}}]"#
        let decision = try Sizing.decideOOM(Self.state([Self.pod()], extra: deployment))
        #expect(decision.recommendations.isEmpty)
        #expect(decision.rejected.all.map(\.reason) == ["already_raised"])
    }

    @Test("other autoscalers on memory are left to do their work")
    func deferred() throws {
        let vpa =
            #","vpas":[{"kind":"VerticalPodAutoscaler","apiVersion":"autoscaling.k8s.io/v1","metadata":{"name":"v","namespace":"shop"},"spec":{"targetRef":{"kind":"Deployment","name":"web"},"updatePolicy":{"updateMode":"Auto"}}}]"#
        let decision = try Sizing.decideOOM(Self.state([Self.pod()], extra: vpa))
        #expect(decision.first?["action"] == "defer_to_autoscaler")
        #expect(decision.plan.isEmpty)
        let off = vpa.replacing("\"Auto\"", with: "\"Off\"")
        #expect(try Sizing.decideOOM(Self.state([Self.pod()], extra: off)).first?["action"] == "update_memory_limit")
    }

    @Test("limit ranges, quotas and the largest node are respected")
    func bounds() throws {
        let range =
            #","limit_ranges":[{"kind":"LimitRange","apiVersion":"v1","metadata":{"name":"l","namespace":"shop"},"spec":{"limits":[{"type":"Container","max":{"memory":"700Mi"}}]}}]"#
        let ranged = try Sizing.decideOOM(Self.state([Self.pod()], extra: range))
        #expect(ranged.first?["review_reasons"] == ["limit_range_maximum"])
        let quota =
            #","resource_quotas":[{"kind":"ResourceQuota","apiVersion":"v1","metadata":{"name":"q","namespace":"shop"},"status":{"hard":{"limits.memory":"1Gi"},"used":{"limits.memory":"900Mi"}}}]"#
        let quoted = try Sizing.decideOOM(Self.state([Self.pod()], extra: quota))
        #expect(quoted.first?["review_reasons"] == ["resource_quota"])
        let big = try Sizing.decideOOM(Self.state([Self.pod(limit: "24Gi")]))
        #expect(big.first?["review_reasons"] == ["exceeds_largest_node"])
        #expect(big.first?["proposed_instance_type"] == "r6i.2xlarge")
        #expect(big.plan.isEmpty)
    }

    @Test("memory that climbs from start to kill, twice, is a probable leak")
    func leak() throws {
        let kills = [20, 10].map { Sizing.now.adding(hours: -$0).milliseconds }
        func climb(_ from: Int64) -> [String] {
            (0..<30).map { "[\(from + Int64($0) * 900_000),\(1e8 + Double($0) * 1.3e7)]" }
        }
        let points = climb(kills[0] - 30 * 900_000) + climb(kills[1] - 30 * 900_000)
        let metrics = #","metrics":{"shop/web-abc12-x1/app":{"memory":[\#(points.joined(separator: ","))]}}"#
        let item = try #require(
            try Sizing.decideOOM(Self.state([Self.pod(status: Self.status(hoursAgo: 10))], extra: metrics)).first
        )
        #expect(item["action"] == "manual_review")
        #expect(item["review_reasons"] == ["probable_leak"])
        #expect(item["probable_leak"] == true)
        #expect(item["confidence"] == 0.9)
    }

    @Test("Java gets a hint when its heap will not fit")
    func java() throws {
        let pod = Self.pod(extra: #","args":["-Xmx700m"]"#)
        let item = try #require(try Sizing.decideOOM(Self.state([pod])).first)
        #expect(item["hints"]?[0]?.string?.contains("-Xmx") == true)
    }

    @Test("init containers are found and patched as such")
    func initContainer() throws {
        let pod = Self.pod(status: "")
            .replacing(
                "\"containers\":",
                with: #""initContainers":[{"name":"setup","resources":{"limits":{"memory":"256Mi"}}}],"containers":"#
            )
            .replacing(
                "\"containerStatuses\":[]",
                with: "\"initContainerStatuses\":[\(Self.status().replacing("\"app\"", with: "\"setup\""))]"
            )
        let item = try #require(try Sizing.decideOOM(Self.state([pod])).first)
        #expect(item["container"] == "setup")
        #expect(item["init_container"] == true)
        #expect(item["patch"]?["spec"]?["template"]?["spec"]?["initContainers"]?[0]?["name"] == "setup")
        #expect(item["recommended_memory_mb"] == 384)
    }

    @Test("the order of pods and events changes no byte")
    func permutation() throws {
        let pods = (0..<6).map { Self.pod("web-abc12-x\($0)", status: Self.status(hoursAgo: $0 % 3 + 1)) }
        let events = (0..<4).map {
            #"{"deployment":"d\#($0 % 2)","namespace":"n","reason":"OOMKilled","current_memory_mb":\#(300 + $0),"timestamp":\#(Sizing.now.adding(hours: -$0).milliseconds)}"#
        }
        let first = try Sizing.decideOOM(
            Self.state(pods),
            #"{"pod_events":[\#(events.joined(separator: ","))]}"#,
            explain: true
        )
        let second = try Sizing.decideOOM(
            Self.state(pods.reversed()),
            #"{"pod_events":[\#(events.reversed().joined(separator: ","))]}"#,
            explain: true
        )
        #expect(Sizing.bytes(first) == Sizing.bytes(second))
        #expect(first.recommendations.count == 3)
    }

    @Test("hostile input: cyclic owners, absurd amounts, empty lists")
    func hostile() throws {
        let cyclic =
            #","replicasets":[{"kind":"ReplicaSet","apiVersion":"apps/v1","metadata":{"name":"web-abc12","namespace":"shop","uid":"r1","ownerReferences":[{"kind":"ReplicaSet","name":"web-abc12","uid":"r1","controller":true}]},"spec":{}}]"#
        #expect(try Sizing.decideOOM(Self.state([Self.pod()], extra: cyclic)).first?["owner_kind"] == "ReplicaSet")
        for limit in ["0", "-5Gi", "9e99", "1m", "9223372036854775807"] {
            let decision = try Sizing.decideOOM(Self.state([Self.pod(limit: limit, request: limit)]))
            #expect(decision.estimatedSavings.isFinite)
            for item in decision.recommendations where item["action"] == "update_memory_limit" {
                #expect(item["recommended_limit_bytes"]?.integer ?? 0 >= item["current_limit_bytes"]?.integer ?? 0)
            }
        }
        for state in ["{}", #"{"pods":[],"nodes":[]}"#, #"{"pods":[7,null,"x",{"kind":"Pod"}]}"#] {
            #expect(try Sizing.decideOOM(state).recommendations.isEmpty)
        }
        let count =
            #"{"pod_events":[{"deployment":"web","reason":"OOMKilled","current_memory_mb":512,"count":1000000000},{"deployment":"web","reason":"OOMKilled","count":1000000000}]}"#
        #expect(try Sizing.decideOOM("{}", count).first?["action"] == "manual_review")
        #expect(throws: APIError.self) { try Sizing.decideOOM("{}", #"{"pod_events":5}"#) }
        #expect(throws: APIError.self) { try Sizing.decideOOM("{}", #"{"increase_factor":3}"#) }
    }
}
