import Contract
import Engines
import Testing

@Suite("Rightsizing of nodes")
struct NodeSizingTests {
    @Test(
        "no measurements, no recommendation",
        arguments: ["{}", #"{"n1":{}}"#, #"{"n1":{"cpu_usage_pct":20}}"#, "null"]
    )
    func silent(metrics: String) throws {
        let state = #"{"nodes":[{"name":"n1","instance_type":"m5.4xlarge"}],"pods":[],"metrics":\#(metrics)}"#
        let decision = try Sizing.decide(state)
        #expect(decision.recommendations.isEmpty)
        #expect(decision.plan.isEmpty)
        #expect(decision.estimatedSavings == 0)
        #expect(decision.reason(of: "n1") == "no_data")
        #expect(decision.dataQuality < 0.5)
    }

    @Test("an idle node becomes the cheapest type that fits, at the documented size")
    func downsize() throws {
        let decision = try Sizing.decide(Sizing.node(cpu: 20, memory: 20), #"{"allow_burstable":false}"#)
        let item = try #require(decision.first)
        #expect(item["action"] == "downsize")
        #expect(item["recommended_cpu"] == 7)
        #expect(item["recommended_memory"] == 26)
        #expect(item["recommended_instance_type"] == "m5.2xlarge")
        #expect(item["current_monthly_cost"] == 560.64)
        #expect(item["recommended_monthly_cost"] == 280.32)
        #expect(item["monthly_savings"] == 280.32)
        #expect(item["method"] == "deterministic")
        #expect(decision.estimatedSavings > 280.3 && decision.estimatedSavings < 280.4)
        #expect(decision.sources.contains { $0.kind == "on_demand_prices" })
        #expect(decision.plan.filter { $0.action.hasPrefix("execute") }.allSatisfy { $0.requiresConfirmation })
    }

    @Test(
        "the documented thresholds hold through the whole engine",
        arguments: [
            (49.9, 49.9, "downsize"), (50.0, 49.9, nil), (49.9, 50.0, nil), (80.0, 80.0, nil), (80.1, 30, "upsize"),
            (30, 80.1, "upsize"), (80.0, 30, nil),
        ] as [(Double, Double, String?)]
    )
    func thresholds(cpu: Double, memory: Double, action: String?) throws {
        // Three quarters of the size: at 49.9 % the target equals the node itself, so a small saving must be allowed.
        let decision = try Sizing.decide(
            Sizing.node("x5.dear", cpu: cpu, memory: memory),
            #"{"min_savings_percent":0,"min_savings_usd":0,"allow_burstable":false}"#,
            in: dear()
        )
        #expect(decision.first?["action"]?.string == action)
        if action == nil { #expect(decision.reason(of: "n1") == "properly_sized") }
    }

    /// The usual market with a type as large as m5.4xlarge and twice as dear.
    func dear() throws -> RegionMarket {
        var market = try Sizing.market()
        market.catalogue["x5.dear"] = try Market.spec("x5.dear", 16, 64)
        market.onDemand["x5.dear"] = 1.6
        return market
    }

    @Test("a busy node becomes strictly larger, saves nothing, and says what it costs")
    func upsize() throws {
        let decision = try Sizing.decide(Sizing.node("m5.xlarge", cpu: 85, memory: 60, cores: 4, gb: 16))
        let item = try #require(decision.first)
        #expect(item["action"] == "upsize")
        #expect(item["recommended_cpu"] == 5)
        #expect(item["recommended_memory"] == 20)
        #expect(item["recommended_instance_type"] == "m5.2xlarge")
        #expect(item["monthly_savings"] == 0.0)
        #expect(item["monthly_cost_delta"]?.number ?? 0 > 140)
        #expect(decision.estimatedSavings == 0)
    }

    @Test("a saving below 5 % or below 5 USD is none, and exactly that much is one")
    func leastSaving() throws {
        func decide(_ price: Double, _ target: Double) throws -> Decision {
            var market = RegionMarket(region: "us-east-1")
            market.catalogue = [
                "a1.big": try Market.spec("a1.big", 8, 32), "m5.half": try Market.spec("m5.half", 4, 16),
            ]
            market.catalogue["a1.big"]?.architecture = .amd64
            market.onDemand = ["a1.big": price, "m5.half": target]
            return try Sizing.decide(Sizing.node("a1.big", cpu: 20, memory: 20, cores: 8, gb: 32), in: market)
        }
        #expect(try decide(1.0, 0.95).recommendations.count == 1)
        #expect(try decide(1.0, 0.9501).reason(of: "n1") == "saving_too_small")
        let five = 5.0 / 730
        #expect(try decide(0.05, 0.05 - five).recommendations.count == 1)
        #expect(try decide(0.05, 0.05 - five + 0.000_01).reason(of: "n1") == "saving_too_small")
        #expect(try decide(0.05, 0.06).reason(of: "n1") == "already_best")
    }

    @Test("without the present price nothing gets smaller; a price of zero is none")
    func missingPrice() throws {
        let decision = try Sizing.decide(Sizing.node("x9.odd", cpu: 10, memory: 10, cores: 8, gb: 32))
        #expect(decision.recommendations.isEmpty)
        #expect(decision.reason(of: "n1") == "no_price")
        #expect(decision.metadata["missing_prices"] == ["x9.odd"])
        #expect(decision.dataQuality < 1)
        var market = try Sizing.market()
        market.onDemand["m5.2xlarge"] = 0
        market.onDemand["m5.xlarge"] = -3
        let other = try Sizing.decide(Sizing.node(cpu: 20, memory: 20), #"{"allow_burstable":false}"#, in: market)
        #expect(other.first?["recommended_instance_type"] == "r6i.2xlarge")
    }

    @Test("a burstable type only while average use stays below its baseline, and not for steady work")
    func burstable() throws {
        // 18 % of 8 vCPUs is 1.44 cores; t3.xlarge keeps 1.6 all the time.
        let state = Sizing.node("m5.2xlarge", cpu: 18, memory: 20, cores: 8, gb: 32)
        #expect(try Sizing.decide(state).first?["recommended_instance_type"] == "t3.xlarge")
        for work in ["database", "cache", "ml", "batch"] {
            let decision = try Sizing.decide(state, #"{"workload_type":"\#(work)"}"#)
            #expect(decision.first?["recommended_instance_type"] == "m5.xlarge")
        }
        let busy = Sizing.node("m5.2xlarge", cpu: 24, memory: 20, cores: 8, gb: 32)
        let decision = try Sizing.decide(busy)
        #expect(decision.first?["recommended_instance_type"] == "m5.xlarge")
        #expect(decision.first?["rejected_types"]?["above_burstable_baseline"] == 1)
    }

    @Test(
        "baselines are those of the user guide",
        arguments: [
            ("t3.nano", 2, 100), ("t3.large", 2, 600), ("t3.xlarge", 4, 1600), ("t3.2xlarge", 8, 3200),
            ("t2.xlarge", 4, 900), ("t2.2xlarge", 8, 1360), ("t4g.medium", 2, 400), ("m5.large", 2, 2000),
        ]
    )
    func baselines(name: String, vcpus: Int, millicores: Int) throws {
        #expect(try Market.spec(name, vcpus, 4).baselineMillicores == millicores)
        #expect(try Market.spec("t9.large", 2, 4).baselineMillicores == nil)
    }

    @Test("accelerators, local disks, architecture and bandwidth are kept")
    func devices() throws {
        // Nothing is known of pods: the accelerator may be in use.
        let gpu = try Sizing.decide(Sizing.node("g4dn.4xlarge", cpu: 10, memory: 10))
        #expect(gpu.first?["recommended_instance_type"] == "g4dn.xlarge")
        let disk = try Sizing.decide(Sizing.node("m5d.4xlarge", cpu: 10, memory: 10))
        #expect(disk.first?["recommended_instance_type"] == "m5d.xlarge")
        let arm = try Sizing.decide(
            Sizing.node(cpu: 10, memory: 10),
            #"{"architectures":["arm64","amd64"],"allow_burstable":false}"#
        )
        #expect(arm.first?["recommended_instance_type"] == "m6g.xlarge")
        let state = Sizing.node("m5.xlarge", cpu: 10, memory: 10, cores: 4, gb: 16)
            .replacing("\"cpu_usage_pct\"", with: "\"network_mbps\":900,\"cpu_usage_pct\"")
        #expect(try Sizing.decide(state).first?["recommended_instance_type"] == "t3.large")
        let more = state.replacing("900", with: "1300")
        #expect(try Sizing.decide(more).reason(of: "n1") == "no_fitting_type")
    }

    @Test("requests of the pods and their number bound a smaller node, not use alone")
    func requests() throws {
        let pods = (0..<3).map {
            Sizing.pod("p\($0)", resources: #"{"requests":{"cpu":"2","memory":"4Gi"}}"#)
        }
        let state = Sizing.node(cpu: 5, memory: 5, pods: "[\(pods.joined(separator: ","))]")
        let item = try #require(try Sizing.decide(state, #"{"allow_burstable":false,"level":"nodes"}"#).first)
        // 6 cores are asked for, though less than one is used.
        #expect(item["recommended_instance_type"] == "c6i.2xlarge" || item["recommended_instance_type"] == "m5.2xlarge")
        #expect(item["required"]?["allocatable_cpu_millicores"] == 6000)
        let many = (0..<60).map { Sizing.pod("p\($0)", resources: "{}") }
        let crowded = Sizing.node(cpu: 5, memory: 5, pods: "[\(many.joined(separator: ","))]")
        #expect(try Sizing.decide(crowded, #"{"level":"nodes"}"#).reason(of: "n1") == "no_fitting_type")
    }

    @Test("pods that name an instance type, and unknown devices, keep their node")
    func pinned() throws {
        let pinned = Sizing.pod().replacing(
            "\"nodeName\"",
            with: "\"nodeSelector\":{\"node.kubernetes.io/instance-type\":\"m5.4xlarge\"},\"nodeName\""
        )
        let state = Sizing.node(cpu: 10, memory: 10, pods: "[\(pinned)]")
        #expect(try Sizing.decide(state).reason(of: "n1") == "pod_names_an_instance_type")
        let device = Sizing.pod(resources: #"{"limits":{"aws.amazon.com/neuron":"1"}}"#)
        let other = Sizing.node(cpu: 10, memory: 10, pods: "[\(device)]")
        #expect(try Sizing.decide(other).reason(of: "n1") == "unknown_device")
    }

    @Test("what the caller allows is kept")
    func constraints() throws {
        let state = Sizing.node(cpu: 10, memory: 10)
        func type(_ constraints: String) throws -> String? {
            try Sizing.decide(state, #"{"allow_burstable":false}"#, constraints: constraints).first?["instance_type"]?
                .string
        }
        #expect(try type(#"{"min_cpu_cores":8}"#) == "c6i.2xlarge")
        #expect(try type(#"{"min_memory_gb":30,"min_cpu_cores":8}"#) == "m5.2xlarge")
        #expect(try type(#"{"allowed_instance_types":["r6i"]}"#) == "r6i.xlarge")
        #expect(try type(#"{"blocked_instance_types":["m5.xlarge"]}"#) == "m5d.xlarge")
        let busy = Sizing.node(cpu: 90, memory: 90)
        let decision = try Sizing.decide(busy, constraints: #"{"max_cpu_cores":16,"max_memory_gb":64}"#)
        #expect(decision.recommendations.isEmpty || decision.first?["recommended_cpu"] == 16)
    }

    @Test("spot nodes are priced as spot")
    func spot() throws {
        let state = Sizing.node(cpu: 20, memory: 20, extra: #","capacity_type":"spot""#)
        let item = try #require(try Sizing.decide(state, #"{"allow_burstable":false}"#).first)
        #expect(item["price_origin"] == "spot_advisor_savings")
        #expect(item["monthly_savings"] == 112.13)
    }

    @Test("control planes, Fargate and nodes that are not ready are left alone")
    func otherNodes() throws {
        for (extra, reason) in [
            (#","labels":{"node-role.kubernetes.io/control-plane":""}"#, "control_plane"),
            (#","ready":false"#, "not_ready"),
            (#","node_type":"fargate""#, "fargate"),
        ] {
            let decision = try Sizing.decide(Sizing.node(cpu: 10, memory: 10, extra: extra))
            #expect(decision.reason(of: "n1") == reason)
        }
    }

    @Test("a fleet changes in waves of a quarter: danger first, then savings, then the rest, each with its way back")
    func waves() throws {
        let nodes = (0..<20).map { #"{"name":"n\#($0)","instance_type":"m5.2xlarge","cpu_cores":8,"memory_gb":32}"# }
        let metrics = (0..<20).map { index -> String in
            let use = index < 3 ? 95 : index < 7 ? 85 : 10
            return #""n\#(index)":{"cpu_usage_pct":\#(use),"memory_usage_pct":30}"#
        }
        let decision = try Sizing.decide(
            "{\"nodes\":[\(nodes.joined(separator: ","))],\"pods\":[],\"metrics\":{\(metrics.joined(separator: ","))}}"
        )
        let phases = decision.plan.compactMap { $0.parameters["phase"]?.string }
        let order = phases.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        #expect(order == ["pre_flight", "safety_upsize", "downsize", "upsize", "post_execution"])
        let downsizes = decision.plan.filter { $0.action == "execute_downsizes" }
        #expect(downsizes.map { $0.parameters["nodes"]?.array?.count } == [4, 4, 4, 1])
        #expect(decision.plan.allSatisfy { $0.parameters["rollback_procedure"] != nil })
        #expect(decision.plan.count { $0.action == "validate_downsizes" } == 4)
        #expect(decision.recommendations.prefix(3).allSatisfy { $0["action"] == "upsize" })
    }

    @Test("forecasts take part as documented")
    func forecasts() throws {
        let state = Sizing.node(cpu: 20, memory: 20)
        func item(_ forecast: String) throws -> JSONValue? {
            try Sizing.decide(state, #"{"allow_burstable":false,"ml_predictions":\#(forecast)}"#).first
        }
        let larger = try item(#"{"n1":{"recommended_cpu":8,"recommended_memory":30}}"#)
        #expect(larger?["method"] == "ml_override")
        #expect(larger?["recommended_cpu"] == 8)
        #expect(larger?["confidence"] == 0.9)
        let same = try item(#"[{"node_name":"n1","recommended_cpu":7,"recommended_memory":26}]"#)
        #expect(same?["method"] == "hybrid")
        #expect(same?["ml_validated"] == true)
        let smaller = try Sizing.decide(
            state,
            #"{"allow_burstable":false,"ml_predictions":{"n1":{"recommended_cpu":2,"recommended_memory":8}}}"#
        )
        #expect(smaller.first?["requires_review"] == true)
        #expect(smaller.first?["ml_alternative"]?["recommended_cpu"] == 2)
        #expect(smaller.plan.isEmpty)
        #expect(smaller.estimatedSavings == 0)
        #expect(try Sizing.decide(state, #"{"ml_predictions":{"n1":{"recommended_cpu":-1}}}"#).itemProblems.count == 1)
    }

    @Test("confidence is 0.80 × days / 7 × coverage")
    func confidence() throws {
        func confidence(_ metrics: String) throws -> Double? {
            let state =
                #"{"nodes":[{"name":"n1","instance_type":"m5.4xlarge","cpu_cores":16,"memory_gb":64}],"pods":[],"metrics":{"n1":\#(metrics)}}"#
            return try Sizing.decide(state, #"{"level":"nodes"}"#).first?["confidence"]?.number
        }
        let week = Sizing.series(2017) { _ in 2 }
        let weekOfMemory = Sizing.series(2017) { _ in 4e9 }
        #expect(try confidence("{\"cpu\":\(week),\"memory\":\(weekOfMemory)}") == 0.8)
        let day = Sizing.series(289) { _ in 2 }
        let dayOfMemory = Sizing.series(289) { _ in 4e9 }
        #expect(try confidence("{\"cpu\":\(day),\"memory\":\(dayOfMemory)}") == 0.1143)
        #expect(try confidence(#"{"cpu_usage_pct":10,"memory_usage_pct":10,"days":7}"#) == 0.8)
        #expect(try confidence(#"{"cpu_usage_pct":10,"memory_usage_pct":10,"days":3.5}"#) == 0.4)
        // 99 points are refused.
        let few = "{\"cpu\":\(Sizing.series(99) { _ in 2 }),\"memory\":\(Sizing.series(99) { _ in 4e9 })}"
        #expect(try confidence(few) == nil)
    }

    @Test("old measurements are reported, never carried out")
    func stale() throws {
        let old = Sizing.now.adding(days: -30)
        let state = """
            {"nodes":[{"name":"n1","instance_type":"m5.4xlarge","cpu_cores":16,"memory_gb":64}],"pods":[],"metrics":{"n1":
            {"cpu":\(Sizing.series(2017, end: old) { _ in 2 }),"memory":\(Sizing.series(2017, end: old) { _ in 4e9 })}}}
            """
        let decision = try Sizing.decide(state)
        #expect(decision.first?["report_only"] == true)
        #expect(decision.plan.isEmpty)
        #expect(decision.estimatedSavings == 0)
        #expect(decision.warnings.contains { $0.contains("30 days old") })
        // Later than the clock is a mistake: such points do not exist.
        let future = state.replacing("\(old.milliseconds)", with: "\(old.adding(days: 4000).milliseconds)")
        #expect(try Sizing.decide(future).first?["usage"]?["points"] == 2016)
    }
}
