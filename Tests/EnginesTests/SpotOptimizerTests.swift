import Contract
import Engines
import OracleSupport
import Testing

@Suite("Spot optimizer")
struct SpotOptimizerTests {
    @Test("every rejected candidate carries its reason")
    func reasons() throws {
        let market = try Market.make([
            .init(name: "m5.xlarge"), .init(name: "m5.large", vcpus: 2, gib: 8), .init(name: "c5.xlarge", gib: 4),
            .init(name: "m6g.xlarge", arm: true), .init(name: "t3.xlarge"), .init(name: "m2.xlarge"),
            .init(name: "m5.metal"), .init(name: "g4dn.xlarge", gpu: 1), .init(name: "m4.xlarge", band: 4),
            .init(name: "m5a.xlarge", band: 1), .init(name: "r5.xlarge", savings: 0),
            .init(name: "r4.xlarge", savings: -20),
            .init(name: "i3.xlarge", onDemand: 40),
        ])
        var withStranger = market
        withStranger.advisor.append(
            AdvisorEntry(instanceType: "f1.2xlarge", band: InterruptionBand.standard[0], savingsPercent: 50)
        )
        withStranger.onDemand["m7i.xlarge"] = 0.2
        withStranger.catalogue["m7i.xlarge"] = try Market.spec("m7i.xlarge", 4, 16)
        let decision = try Market.decide(
            withStranger,
            #"{"cpu":3,"memory":8}"#,
            constraints: #"{"exclude_instance_types":["m5a*"],"max_price":10}"#
        )
        #expect(decision.types == ["m5.xlarge"])
        #expect(
            decision.reasons == [
                "below_cpu": 1, "below_memory": 1, "wrong_architecture": 1, "burstable": 1, "old_generation": 1,
                "bare_metal": 1, "has_gpu": 1, "below_min_safety": 1, "excluded": 1, "spot_not_below_on_demand": 2,
                "above_max_price": 1, "not_in_catalogue": 1, "unknown_in_advisor": 1,
            ]
        )
    }

    @Test("interruption risk is the band's probability, not one minus the score")
    func risk() throws {
        let market = try Market.make([
            .init(name: "m5.xlarge"), .init(name: "m6i.xlarge", band: 1),
            .init(name: "c5.2xlarge", band: 2, savings: 90),
        ])
        let strict = try Market.decide(market, constraints: #"{"max_interruption_risk":0.05}"#)
        #expect(strict.types == ["m5.xlarge"])
        #expect(strict.recommendations[0]["interruption_probability"] == 0.025)
        let loose = try Market.decide(market, constraints: #"{"max_interruption_risk":0.15,"min_safety_score":0.5}"#)
        #expect(Set(loose.types) == ["m5.xlarge", "m6i.xlarge", "c5.2xlarge"])
    }

    @Test("cheap but often interrupted loses once interruptions are paid for")
    func expectedCost() throws {
        let market = try Market.make([
            .init(name: "m5.xlarge", band: 0, savings: 60), .init(name: "m6i.xlarge", band: 1, savings: 61),
        ])
        #expect(try Market.decide(market, #"{"restart_cost_usd":0}"#).types == ["m6i.xlarge", "m5.xlarge"])
        #expect(try Market.decide(market, #"{"restart_cost_usd":100}"#).types == ["m5.xlarge", "m6i.xlarge"])
        #expect(
            try Market.decide(market, #"{"rank_by":"safety","restart_cost_usd":0}"#).types == [
                "m5.xlarge", "m6i.xlarge",
            ]
        )
    }

    @Test("equal types are ordered by name, whatever order the market comes in", arguments: 0..<6)
    func order(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let names = ["m5.xlarge", "m6i.xlarge", "m7i.xlarge", "r5.xlarge", "r6i.xlarge", "c5.2xlarge"]
        let rows = names.map { Market.Row(name: $0) }
        let histories = names.flatMap { name in
            ["us-east-1a", "us-east-1b"].map { zone in
                SpotPriceHistory(
                    instanceType: name,
                    zone: zone,
                    points: [
                        .init(at: Market.noon.adding(hours: -50), price: 0.08),
                        .init(at: Market.noon.adding(hours: -5), price: 0.09),
                    ]
                )
            }
        }
        let reference = try Market.make(rows, prices: histories)
        var shuffled = reference
        shuffled.advisor.shuffle(using: &random)
        shuffled.spotPrices.shuffle(using: &random)
        shuffled.zones.shuffle(using: &random)
        for ranking in ["expected_cost", "safety"] {
            let wish = "{\"rank_by\":\"\(ranking)\",\"count\":20}"
            let first = try Market.decide(reference, wish)
            let second = try Market.decide(shuffled, wish)
            #expect(first.types == names.sorted())
            let envelope = DecisionEnvelope(requestID: "r", timestamp: Market.noon, processingMilliseconds: 0)
            #expect(DecisionResponse(first, envelope).bytes == DecisionResponse(second, envelope).bytes)
        }
    }

    @Test("a missing on-demand price is reported, never guessed, and ranks last", arguments: [nil, 0.0, -1.0, .nan])
    func missingPrice(price: Double?) throws {
        let market = try Market.make([
            .init(name: "m5.xlarge", savings: 10), .init(name: "m6i.xlarge", savings: 90, onDemand: price),
        ])
        let decision = try Market.decide(market)
        #expect(decision.types == ["m5.xlarge", "m6i.xlarge"])
        #expect(decision.metadata["missing_prices"] == ["m6i.xlarge"])
        #expect(decision.recommendations[1]["monthly_savings"] == .null)
        #expect(decision.recommendations[1]["spot_hourly_price"] == .null)
        #expect(decision.recommendations[1]["savings_percentage"] == 0.9)
        #expect(decision.dataQuality < 1)
        #expect(decision.warnings.contains { $0.contains("no on-demand price") })
    }

    @Test("with no price at all there is still a recommendation, without savings")
    func dayZero() throws {
        let market = try Market.make([
            .init(name: "m5.xlarge", onDemand: nil), .init(name: "m6i.xlarge", band: 1, onDemand: nil),
        ])
        let decision = try Market.decide(market)
        #expect(decision.types == ["m5.xlarge", "m6i.xlarge"])
        #expect(decision.estimatedSavings == 0)
        #expect(decision.recommendations[0]["interruption_probability"]?.number == 0.025)
    }

    @Test("when no spot pool passes, the cheapest on-demand types are named")
    func fallback() throws {
        let market = try Market.make([
            .init(name: "m5.xlarge", band: 4, onDemand: 0.3), .init(name: "m6i.xlarge", band: 4, onDemand: 0.2),
        ])
        let decision = try Market.decide(market)
        #expect(decision.types == ["m6i.xlarge", "m5.xlarge"])
        #expect(decision.recommendations.allSatisfy { $0["action"] == "use_on_demand" })
        #expect(decision.recommendations[0]["interruption_probability"]?.number == 0)
        #expect(decision.usesFallback)
        #expect(decision.estimatedSavings == 0)
        #expect(decision.plan.first?.action == "launch_on_demand_instance")
    }

    @Test("stateful work gets on-demand first and spot only with approval")
    func stateful() throws {
        let decision = try Market.decide(
            try Market.make([.init(name: "m5.xlarge"), .init(name: "m6i.xlarge")]),
            #"{"workload_type":"stateful"}"#
        )
        #expect(decision.recommendations[0]["action"] == "use_on_demand")
        #expect(
            decision.recommendations.dropFirst().allSatisfy {
                $0["action"] == "use_spot" && $0["requires_approval"] == true
            }
        )
        #expect(decision.estimatedSavings == 0)
        let spot = try #require(decision.plan.last)
        #expect(spot.action == "launch_spot_instance")
        #expect(spot.requiresConfirmation)
    }

    @Test("every destructive step needs confirmation")
    func confirmation() throws {
        let decision = try Market.decide(try Market.make([.init(name: "m5.xlarge")]))
        let destructive = decision.plan.filter { ["drain_old_node", "terminate_old_node"].contains($0.action) }
        #expect(destructive.count == 2)
        #expect(destructive.allSatisfy { $0.requiresConfirmation })
        #expect(decision.plan.map(\.action).first == "launch_spot_instance")
    }

    @Test(
        "the age of the feed lowers the quality",
        arguments: [(1, 1.0), (24, 1.0), (25, 0.9), (168, 0.9), (169, 0.7), (9000, 0.7)]
    )
    func freshness(hours: Int, quality: Double) throws {
        let decision = try Market.decide(try Market.make([.init(name: "m5.xlarge")], feedAge: hours))
        #expect(decision.dataQuality == quality)
        #expect(decision.warnings.contains { $0.contains("old") } == (quality < 1))
    }

    @Test("sample data shows in every part of the answer")
    func sample() throws {
        let decision = try Market.decide(try Market.make([.init(name: "m5.xlarge")], isSample: true))
        let response = DecisionResponse(
            decision,
            .init(requestID: "r", timestamp: Market.noon, processingMilliseconds: 0)
        )
        #expect(decision.dataQuality <= 0.5)
        #expect(decision.warnings.contains { $0.contains("SAMPLE") })
        #expect(response.json["metadata"]?["sample_data"] == true)
        #expect(response.json["data_sources"]?[0]?["name"]?.string?.contains("SAMPLE") == true)
    }

    @Test("an unknown region names its neighbours; an empty store knows no unknown region")
    func region() throws {
        let market = try Market.make([.init(name: "m5.xlarge")])
        let request = try Market.request(#"{"region":"us-esat-1"}"#)
        let error = try #require(
            #expect(throws: APIError.self) { try SpotOptimizer.decide(request, market: market, now: Market.noon) }
        )
        #expect(error.code == .unknownRegion)
        #expect(error.field == "requirements.region")
        #expect(error.hint.contains("us-east-1"))
        let empty = try Market.decide(RegionMarket(region: "us-east-1"))
        #expect(empty.recommendations.isEmpty)
        #expect(empty.warnings.contains { $0.contains("no Spot Advisor data") })
    }

    @Test("recorded prices replace derived ones while they are fresh")
    func prices() throws {
        func history(_ hoursAgo: Int) -> SpotPriceHistory {
            SpotPriceHistory(
                instanceType: "m5.xlarge",
                zone: "us-east-1b",
                points: [
                    .init(at: Market.noon.adding(hours: -hoursAgo - 30), price: 0.07),
                    .init(at: Market.noon.adding(hours: -hoursAgo), price: 0.06),
                ]
            )
        }
        let fresh = try Market.decide(try Market.make([.init(name: "m5.xlarge")], prices: [history(2)]))
        #expect(fresh.recommendations[0]["spot_hourly_price"] == 0.06)
        #expect(fresh.recommendations[0]["zones"] == ["us-east-1b"])
        #expect(fresh.recommendations[0]["price_source"]?["origin"] == "spot_price_history")
        #expect(!fresh.usesFallback)
        let stale = try Market.decide(try Market.make([.init(name: "m5.xlarge")], prices: [history(200)]))
        #expect(stale.recommendations[0]["spot_hourly_price"] == 0.08)
        #expect(stale.recommendations[0]["flags"]?.array?.contains("spot_price_derived") == true)
    }

    @Test("an unknown type is taken only when allowed, at the worst band, and flagged")
    func unknown() throws {
        var market = try Market.make([.init(name: "m5.xlarge")])
        market.onDemand["m7i.xlarge"] = 0.2
        market.catalogue["m7i.xlarge"] = try Market.spec("m7i.xlarge", 4, 16)
        #expect(try Market.decide(market).types == ["m5.xlarge"])
        let decision = try Market.decide(market, #"{"allow_unknown":true,"min_safety_score":0}"#)
        let item = try #require(decision.recommendations.first { $0["instance_type"] == "m7i.xlarge" })
        #expect(item["flags"]?.array?.contains("unknown_in_advisor") == true)
        #expect(item["score_parts"]?["advisor"] == 0.2)
    }

    // Skipped without the shared data folder.
    @Test("the running client's request on the recorded market is answered", .enabled(if: SharedData.isPresent))
    func recorded() throws {
        let market = try Market.recorded()
        let decision = try Market.decide(
            market,
            #"{"cpu":2,"memory":4,"region":"us-east-1"}"#,
            constraints: #"{"max_interruption_risk":0.15,"workload_type":"stateless"}"#
        )
        let first = try #require(decision.recommendations.first)
        #expect(first["instance_type"]?.string != nil)
        #expect(first["interruption_probability"]?.number.map { $0 <= 0.15 } == true)
        #expect(decision.estimatedSavings > 0)
        let names = Set(market.advisor.map(\.instanceType)).union(market.onDemand.keys)
        #expect(decision.reasons["not_in_catalogue"] == names.count { market.catalogue[$0] == nil })
        let passing = try #require(decision.metadata["candidates_passing"]?.integer)
        #expect(decision.rejected.all.count + Int(passing) == names.count)
    }
}
