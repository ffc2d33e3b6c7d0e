import Contract
import Engines
import OracleSupport
import Testing

@Suite("Rightsizing of containers")
struct ContainerSizingTests {
    static let gibibyte = 1_073_741_824.0

    /// Evidence of eight days of one pod.
    static func evidence(
        count: Int = 2304,
        throttled: Double? = nil,
        cpu: (Int) -> Double,
        memory: (Int) -> Double
    ) -> ContainerEvidence {
        func points(_ value: (Int) -> Double) -> [UsagePoint] {
            (0..<count).map { UsagePoint(milliseconds: UsageTests.start + Int64($0) * 300_000, value: value($0)) }
        }
        var unit = ContainerUnit(key: .init(namespace: "s", ownerKind: "Deployment", ownerName: "d", container: "c"))
        var usage = ContainerUsage()
        usage.cpu = UsageSeries(points(cpu))
        usage.memory = UsageSeries(points(memory))
        usage.throttled = throttled
        unit.usage = [usage]
        return ContainerEvidence(
            unit,
            window: UsageWindow(end: UsageTests.start + Int64(count) * 300_000),
            keepsVPA: false
        )
    }

    static func size(
        _ evidence: ContainerEvidence,
        _ current: ContainerResources = .init(cpuRequest: 1000, memoryRequest: 1 << 30, memoryLimit: 1 << 30),
        _ circumstances: ContainerSizing.Circumstances = .init(),
        policy: RightsizePolicy = .standard
    ) -> ContainerSizing {
        ContainerSizing(evidence, current: current, circumstances: circumstances, policy: policy)
    }

    @Test("CPU is p95 of five-minute averages and 15 %, memory the peak and 15 %, its limit the request, CPU unlimited")
    func target() {
        // One in ten slots is busy: p95 sees it, and the single highest one is not what counts.
        let evidence = Self.evidence(
            cpu: { $0 == 7 ? 3 : $0 % 10 == 0 ? 0.4 : 0.1 },
            memory: { $0 == 1000 ? 400e6 : 200e6 }
        )
        let sizing = Self.size(evidence, .init(cpuRequest: 1000, cpuLimit: 2000, memoryRequest: 1 << 30))
        #expect(sizing.cpuRequest == 460)
        #expect(sizing.memoryRequest == 439 << 20)
        #expect(sizing.memoryLimit == .set(439 << 20))
        #expect(sizing.cpuLimit == .remove)
        #expect(sizing.action == .downsize)
    }

    @Test("nothing goes below 10 millicores and 64 MiB")
    func floors() {
        let sizing = Self.size(Self.evidence(cpu: { _ in 0.0001 }, memory: { _ in 1e6 }))
        #expect(sizing.cpuRequest == 10)
        #expect(sizing.memoryRequest == 64 << 20)
        #expect(sizing.rules == ["cpu_floor", "memory_floor"])
    }

    @Test("throttling above 5 % raises CPU above the limit that held it back; 5 % does not")
    func throttling() {
        let current = ContainerResources(cpuRequest: 500, cpuLimit: 1000, memoryRequest: 1 << 30)
        func size(_ share: Double) -> ContainerSizing {
            Self.size(Self.evidence(throttled: share, cpu: { _ in 0.7 }, memory: { _ in 9e8 }), current)
        }
        #expect(size(0.05).cpuRequest == 805)
        #expect(size(0.0501).cpuRequest == 1051)
        #expect(size(0.4).cpuRequest == 1400)
        #expect(size(0.4).rules == ["throttled"])
    }

    @Test("Java and batch work keep what they have, and may grow")
    func hints() {
        let small = Self.evidence(cpu: { _ in 0.1 }, memory: { _ in 1e8 })
        let large = Self.evidence(cpu: { _ in 3 }, memory: { _ in 3e9 })
        let java = Self.size(small, .init(cpuRequest: 1000, memoryRequest: 1 << 30), .init(jvm: true))
        #expect(java.cpuRequest == 115)
        #expect(java.memoryRequest == 1 << 30)
        let batch = Self.size(small, .init(cpuRequest: 1000, memoryRequest: 1 << 30), .init(isBatch: true))
        #expect(batch.cpuRequest == 1000)
        #expect(batch.action == .none)
        #expect(
            Self.size(large, .init(cpuRequest: 1000, memoryRequest: 1 << 30), .init(jvm: true)).memoryRequest == 3291
                << 20
        )
    }

    @Test("what was killed for memory gets a quarter more than the limit that killed it")
    func killed() {
        let evidence = Self.evidence(cpu: { _ in 0.1 }, memory: { _ in 1e8 })
        let sizing = Self.size(evidence, .init(memoryRequest: 1 << 28, memoryLimit: 1 << 29), .init(killedAt: 1 << 29))
        #expect(sizing.memoryRequest == 640 << 20)
        #expect(sizing.rules.contains("killed_for_memory"))
    }

    @Test("limits follow the caller's wish, and a Guaranteed pod stays one")
    func limits() {
        let evidence = Self.evidence(cpu: { _ in 0.4 }, memory: { _ in 4e8 })
        let current = ContainerResources(cpuRequest: 1000, cpuLimit: 1000, memoryRequest: 1 << 30, memoryLimit: 1 << 30)
        let guaranteed = Self.size(evidence, current, .init(isGuaranteed: true))
        #expect(guaranteed.cpuLimit == .set(460))
        #expect(guaranteed.memoryLimit == .set(439 << 20))
        var policy = RightsizePolicy()
        policy.cpuLimit = .factor(2)
        policy.memoryLimit = .none
        let wished = Self.size(evidence, current, policy: policy)
        #expect(wished.cpuLimit == .set(920))
        #expect(wished.memoryLimit == .remove)
        policy.cpuLimit = .keep
        policy.memoryLimit = .keep
        let tight = ContainerResources(cpuLimit: 200, memoryLimit: 1 << 26)
        #expect(Self.size(evidence, tight, policy: policy).cpuLimit == .set(460))
        #expect(Self.size(evidence, tight, policy: policy).memoryLimit == .set(439 << 20))
        #expect(Self.size(evidence, current, policy: policy).memoryLimit == .keep)
    }

    @Test("more use never asks for less, point by point", arguments: 0..<15)
    func monotone(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let base = (0..<300).map { _ in Double.random(in: 0.01...2, using: &random) }
        let bytes = (0..<300).map { _ in Double.random(in: 1e6...4e9, using: &random) }
        let more = base.map { $0 + (Bool.random(using: &random) ? Double.random(in: 0...1, using: &random) : 0) }
        let moreBytes = bytes.map {
            $0 + (Bool.random(using: &random) ? Double.random(in: 0...1e9, using: &random) : 0)
        }
        let before = Self.size(Self.evidence(count: 300, cpu: { base[$0] }, memory: { bytes[$0] }))
        let after = Self.size(Self.evidence(count: 300, cpu: { more[$0] }, memory: { moreBytes[$0] }))
        #expect(after.cpuRequest ?? 0 >= before.cpuRequest ?? .max)
        #expect(after.memoryRequest ?? 0 >= before.memoryRequest ?? .max)
        #expect(Double(after.memoryRequest ?? 0) >= moreBytes.max() ?? 0)
    }

    // MARK: Through the engine

    static func state(
        pods: String = Sizing.pod(),
        cpu: Double = 0.1,
        memory: Double = 2e8,
        names: [String] = ["shop/web-abc12-x1/app"],
        count: Int = 2305,
        extra: String = ""
    ) -> String {
        let metrics = names.map { name in
            "\"\(name)\":{\"cpu\":\(Sizing.series(count) { _ in cpu }),\"memory\":\(Sizing.series(count) { _ in memory })}"
        }
        return "{\"nodes\":[],\"pods\":[\(pods)],\"metrics\":{\(metrics.joined(separator: ","))}\(extra)}"
    }

    @Test("the answer carries a strategic merge patch for the Deployment, as JSON and as YAML, and the way back")
    func patch() throws {
        let decision = try Sizing.decide(Self.state())
        let item = try #require(decision.first)
        #expect(item["level"] == "container")
        #expect(item["owner_kind"] == "Deployment")
        #expect(item["owner_name"] == "web")
        #expect(item["recommended_cpu_millicores"] == 115)
        #expect(item["recommended_memory_bytes"] == .integer(220 << 20))
        #expect(
            item["patch"] == [
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "web", "namespace": "shop"],
                "spec": [
                    "template": [
                        "spec": [
                            "containers": [
                                [
                                    "name": "app",
                                    "resources": [
                                        "requests": ["cpu": "115m", "memory": "220Mi"], "limits": ["memory": "220Mi"],
                                    ],
                                ]
                            ]
                        ]
                    ]
                ],
            ]
        )
        let yaml = try #require(item["patch_yaml"]?.string)
        #expect(
            yaml.contains(
                "      containers:\n        - name: \"app\"\n          resources:\n            requests:\n              cpu: \"115m\"\n"
            )
        )
        #expect(item["rollback"]?["resources"]?["requests"]?["cpu"] == "1000m")
        #expect(item["confidence"] == 0.8)
        #expect(item["evidence"]?["cpu_p95_millicores"] == 100.0)
        let step = try #require(decision.plan.first { $0.action == "apply_resource_patches" })
        #expect(step.requiresConfirmation)
        #expect(decision.estimatedSavings == 0)
    }

    @Test("an autoscaler on a resource keeps it as it is: reported, not patched")
    func autoscaler() throws {
        func hpa(_ resource: String) -> String {
            #","hpas":[{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"web","namespace":"shop"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":9,"metrics":[{"type":"Resource","resource":{"name":"\#(resource)","target":{"type":"Utilization","averageUtilization":60}}}]}}]"#
        }
        let cpu = try #require(try Sizing.decide(Self.state(extra: hpa("cpu"))).first)
        #expect(cpu["report_only"] == ["cpu"])
        #expect(cpu["recommended_cpu_millicores"] == 115)
        #expect(cpu["resources"]?["requests"] == ["memory": "220Mi"])
        let memory = try #require(try Sizing.decide(Self.state(extra: hpa("memory"))).first)
        #expect(memory["report_only"] == ["memory"])
        #expect(memory["resources"] == ["requests": ["cpu": "115m"]])
    }

    @Test("a snapshot and a short history are refused, with how much was there", arguments: [1, 50, 99])
    func few(count: Int) throws {
        let decision = try Sizing.decide(Self.state(count: count))
        #expect(decision.recommendations.isEmpty)
        #expect(decision.reason(of: "shop/Deployment/web/app") == "insufficient_data")
        #expect(decision.rejected.all.first?.detail?.contains("\(count) points") == true)
    }

    @Test("lists of metrics.k8s.io and answers of Prometheus are understood inside a request")
    func wholeShapes() throws {
        let list =
            #"{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[{"metadata":{"name":"web-abc12-x1","namespace":"shop"},"timestamp":"2025-07-30T11:59:00Z","window":"15s","containers":[{"name":"app","usage":{"cpu":"250m","memory":"128Mi"}}]}]}"#
        for metrics in [list, "{\"pods\":\(list)}", "[\(list)]", "{\"pod_metrics\":\(list)}"] {
            let decision = try Sizing.decide("{\"nodes\":[],\"pods\":[\(Sizing.pod())],\"metrics\":\(metrics)}")
            #expect(decision.reason(of: "shop/Deployment/web/app") == "insufficient_data")
        }
        func matrix(_ value: Double) -> String {
            let labels = #"{"namespace":"shop","pod":"web-abc12-x1","container":"app"}"#
            let points = (0..<200).map { "[\(Sizing.now.milliseconds / 1000 - Int64(199 - $0) * 3600),\"\(value)\"]" }
            return
                "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":\(labels),\"values\":[\(points.joined(separator: ","))]}]}}"
        }
        let metrics = "{\"cpu\":\(matrix(0.1)),\"memory\":\(matrix(2e8))}"
        let text =
            "{\"current_state\":{\"nodes\":[],\"pods\":[\(Sizing.pod())],\"metrics\":\(metrics)},\"requirements\":{}}"
        let engine = try Rightsizer(try Sizing.request(text), defaults: .init(region: "us-east-1"))
        let item = try #require(try engine.decide(in: try Sizing.market(), now: Sizing.now).first)
        #expect(item["recommended_cpu_millicores"] == 115)
        #expect(item["confidence"] == 0.8)
    }

    @Test("no measurements, no recommendation")
    func silent() throws {
        let decision = try Sizing.decide("{\"nodes\":[],\"pods\":[\(Sizing.pod())],\"metrics\":{}}")
        #expect(decision.recommendations.isEmpty)
        #expect(decision.reason(of: "shop/Deployment/web/app") == "no_data")
    }

    @Test("all pods of a workload count, also those of last week that are gone")
    func pods() throws {
        let state = Self.state(names: ["shop/web-abc12-x1/app", "shop/web-zzz99-q7/app", "shop/other-1/app"])
            .replacing(
                "\"shop/web-zzz99-q7/app\":{\"cpu\":\(Sizing.series(2305) { _ in 0.1 })",
                with: "\"shop/web-zzz99-q7/app\":{\"cpu\":\(Sizing.series(2305) { _ in 0.6 })"
            )
        let decision = try Sizing.decide(state)
        #expect(decision.first?["recommended_cpu_millicores"] == 690)
        #expect(decision.recommendations.count == 1)
        #expect(decision.rejected.all.contains { $0.reason == "not_in_cluster_state" })
    }

    @Test("a Job cannot be patched, an init sidecar is patched as one, an operator's object is left to it")
    func owners() throws {
        let job = Sizing.pod("run-x1", owner: #"{"kind":"Job","name":"run","controller":true}"#)
        let kept = try Sizing.decide(Self.state(pods: job, cpu: 3, memory: 4e9, names: ["shop/run-x1/app"]))
        #expect(kept.first?["patch"] == .null)
        #expect(kept.first?["patch_obstacle"] == "job_template_is_immutable")
        #expect(kept.plan.isEmpty)
        let custom = Sizing.pod("db-0", owner: #"{"kind":"PostgresCluster","name":"db","controller":true}"#)
        let other = try Sizing.decide(Self.state(pods: custom, names: ["shop/db-0/app"]))
        #expect(other.first?["patch_obstacle"] == "owner_is_not_a_built_in_workload")
    }

    @Test("Java is recognised by its options")
    func java() throws {
        let pod = Sizing.pod(extra: #","env":[{"name":"JAVA_OPTS","value":"-Xms256m -Xmx900m"}]"#)
        let item = try #require(try Sizing.decide(Self.state(pods: pod)).first)
        #expect(item["rules"] == ["jvm_kept"])
        #expect(item["recommended_memory_bytes"] == .integer(1 << 30))
        #expect(item["hint"]?.string?.contains("-Xmx is more than three quarters") == true)
    }

    @Test("VPA mode gives the recommender's figures, and still never less than the peak")
    func vpa() throws {
        let item = try #require(try Sizing.decide(Self.state(), #"{"mode":"vpa"}"#).first)
        let target = try #require(item["vpa"]?["target"])
        var state = VPAState()
        let points = (0..<2305).map {
            UsagePoint(milliseconds: Sizing.now.milliseconds - Int64(2304 - $0) * 300_000, value: 0.1)
        }
        state.addCPU(points, requestCores: 1)
        state.addMemory(points.map { UsagePoint(milliseconds: $0.milliseconds, value: 2e8) })
        let expected = VPARecommendation(state, containersInPod: 1)
        #expect(target["cpu_millicores"] == .integer(expected.target.millicores))
        #expect(target["memory_bytes"] == .integer(expected.target.bytes))
        #expect(item["recommended_cpu_millicores"] == target["cpu_millicores"])
        #expect(item["recommended_memory_bytes"]?.number ?? 0 >= 2e8)
    }

    @Test("the order of pods and series changes no byte")
    func permutation() throws {
        let pods = (0..<4).map { Sizing.pod("web-abc12-x\($0)") }
        let names = (0..<4).map { "shop/web-abc12-x\($0)/app" }
        func state(_ order: [Int]) -> String {
            let metrics = order.map { index in
                "\"\(names[index])\":{\"cpu\":\(Sizing.series(200) { Double($0 % 7) * 0.1 * Double(index + 1) }),\"memory\":\(Sizing.series(200) { _ in 1e8 * Double(index + 1) })}"
            }
            return
                "{\"nodes\":[],\"pods\":[\(order.map { pods[$0] }.joined(separator: ","))],\"metrics\":{\(metrics.joined(separator: ","))}}"
        }
        for mode in ["percentile", "vpa"] {
            let first = Sizing.bytes(try Sizing.decide(state([0, 1, 2, 3]), "{\"mode\":\"\(mode)\"}", explain: true))
            let second = Sizing.bytes(try Sizing.decide(state([2, 0, 3, 1]), "{\"mode\":\"\(mode)\"}", explain: true))
            #expect(first == second)
        }
    }

    @Test(
        "bad wishes are refused with their field",
        arguments: [
            (#"{"mode":"guess"}"#, "requirements.mode"), (#"{"level":5}"#, "requirements.level"),
            (#"{"cpu_limit":"double"}"#, "requirements.cpu_limit"),
            (#"{"memory_limit":0.5}"#, "requirements.memory_limit"),
            (#"{"min_savings_percent":-1}"#, "requirements.min_savings_percent"),
            (#"{"region":"Frankfurt"}"#, "requirements.region"),
            (#"{"min_cpu_cores":-2}"#, "requirements.min_cpu_cores"),
            (#"{"architectures":["sparc"]}"#, "requirements.architectures"),
        ]
    )
    func refused(requirements: String, field: String) throws {
        let error = #expect(throws: APIError.self) { try Sizing.decide("{}", requirements) }
        #expect(error?.field == field)
        #expect(error?.status == 422)
    }

    @Test("hostile measurements, quantities and counts end in a clear answer")
    func hostile() throws {
        let absurd = [
            Self.state(cpu: 1e308, memory: 1e308), Self.state(cpu: 0, memory: 0),
            Self.state(
                pods: Sizing.pod(
                    resources: #"{"requests":{"cpu":"-5","memory":"1e30Ei"},"limits":{"memory":"9223372036854775807"}}"#
                )
            ),
            #"{"nodes":[{"name":"n1","instance_type":"m5.4xlarge","cpu_cores":1e9,"memory_gb":1e12}],"pods":[],"metrics":{"n1":{"cpu_usage_pct":1e308,"memory_usage_pct":5}}}"#,
            #"{"nodes":[{"name":"n1"},{"name":"n1"},7,null],"pods":"none","metrics":{"n1":{"cpu_usage_pct":10,"memory_usage_pct":10}}}"#,
            #"{"nodes":{},"pods":{},"metrics":[[[[[[]]]]]]}"#, "{}",
            #"{"nodes":[],"pods":[],"metrics":{"a/b/c":{"cpu":[[1e300,1],[-1e300,1],[0,1]],"memory":[["1e9999",1]]}}}"#,
        ]
        for state in absurd {
            let decision = try Sizing.decide(state)
            #expect(decision.estimatedSavings >= 0)
            #expect(decision.estimatedSavings.isFinite)
            #expect(!Sizing.bytes(decision).isEmpty)
            for item in decision.recommendations where item["level"] == "node" {
                #expect(item["action"] != "downsize")
            }
        }
    }
}
