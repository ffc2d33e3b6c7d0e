import Contract
import Engines
import OracleSupport
import Testing

@Suite("Network optimizer")
struct NetworkOptimizerTests {
    // MARK: The documented figures

    @Test("100 GB a day between two zones cost 60 USD a month, both sides billed")
    func documented() throws {
        let decision = try Network.decide(Network.matrix([Network.row("web", "a", "db", "b", 100)]))
        #expect(decision.metadata["monthly_cost_now"] == 60.0)
        #expect(decision.metadata["monthly_cost_now_one_side"] == 30.0)
        #expect(decision.metadata["billed_both_sides"] == true)
        #expect(decision.metadata["usd_per_gb_crossing"] == 0.02)
        #expect(abs(decision.estimatedSavings - 60) < 1e-9)
        #expect(decision.sources.map(\.kind) == ["service_prices"])
        #expect(decision.metadata["cross_zone_daily_gb_after"] == 0.0)
        // Nobody said how much room the zones have: that is said, and asked for.
        #expect(decision.dataQuality < 1)
        #expect(decision.warnings.contains { $0.contains("capacity") })
        #expect(decision.recommendations.count == 1)
        #expect(decision.recommendations[0]["requires_approval"] == true)
    }

    @Test(
        "only pairs with strictly more than 10 GB a day qualify",
        arguments: [(9.99, false), (10.0, false), (10.001, true), (0, false)]
    )
    func threshold(gb: Double, qualifies: Bool) throws {
        let decision = try Network.decide(Network.matrix([Network.row("web", "a", "db", "b", gb)]))
        #expect(decision.recommendations.isEmpty == !qualifies)
        #expect(decision.plan.isEmpty == !qualifies)
        if gb > 0, !qualifies { #expect(decision.reasons["below_min_traffic"] == 1) }
    }

    @Test("a plan must save strictly more than 5 USD a month", arguments: [(0.005, 16.0, false), (0.005, 17.0, true)])
    func benefit(price: Double, gb: Double, isWorthIt: Bool) throws {
        // 16 GB are 4.80 USD a month at half the price, 17 GB are 5.10.
        let body = Network.matrix([Network.row("web", "a", "db", "b", gb)])
        let decision = try Network.decide(body, Network.market(price: price))
        #expect(decision.recommendations.isEmpty == !isWorthIt)
        #expect((decision.estimatedSavings > 5) == isWorthIt)
        if !isWorthIt { #expect(decision.reasons["below_min_benefit"] == 1) }
    }

    @Test("traffic within a zone costs nothing and moves nobody")
    func local() throws {
        let decision = try Network.decide(Network.matrix([Network.row("web", "a", "db", "a", 500)]))
        #expect(decision.metadata["monthly_cost_now"] == 0.0)
        #expect(decision.recommendations.isEmpty)
        #expect(decision.rejected.all.isEmpty)
    }

    // MARK: Prices

    @Test("without a price there is no figure in USD, and no step that restarts anything", arguments: [nil, 0.0])
    func missingPrice(price: Double?) throws {
        let body = Network.matrix([Network.row("web", "a", "db", "b", 100)])
        let decision = try Network.decide(body, Network.market(price: price))
        #expect(decision.metadata["monthly_cost_now"] == .null)
        #expect(decision.metadata["missing_prices"] == ["transfer.cross_zone.gb"])
        #expect(decision.estimatedSavings == 0)
        #expect(decision.sources.isEmpty)
        #expect(decision.dataQuality <= 0.7)
        #expect(decision.recommendations[0]["monthly_savings"] == .null)
        #expect(decision.recommendations[0]["daily_gb_saved"] == 100.0)
        #expect(decision.plan.allSatisfy { $0.action != "move_pods_to_zone" })
    }

    @Test("the caller's own price replaces the list's, and is named as the source")
    func ownPrice() throws {
        let body = Network.matrix(
            [Network.row("web", "a", "db", "b", 100)],
            ["service_prices": ["transfer.cross_zone.gb": 0.02]]
        )
        let decision = try Network.decide(body)
        #expect(decision.metadata["monthly_cost_now"] == 120.0)
        #expect(decision.sources.map(\.name) == ["caller"])
        let wrong = Network.matrix(
            [Network.row("web", "a", "db", "b", 100)],
            ["service_prices": ["transfer.cross_zone.gb": -1]]
        )
        // A price that is none is reported, and the list's counts.
        #expect(try Network.decide(wrong).metadata["monthly_cost_now"] == 60.0)
        #expect(try Network.decide(wrong).itemProblems.count == 1)
    }

    @Test("sample prices are marked as such")
    func sample() throws {
        let body = Network.matrix([Network.row("web", "a", "db", "b", 100)])
        let decision = try Network.decide(body, Network.market(isSample: true))
        #expect(decision.dataQuality <= 0.5)
        #expect(decision.warnings.contains { $0.contains("SAMPLE") })
    }

    // MARK: Traffic

    @Test("both directions of a pair are one pair")
    func directions() throws {
        let rows = [Network.row("web", "a", "db", "b", 6), Network.row("db", "b", "web", "a", 7)]
        let decision = try Network.decide(Network.matrix(rows))
        #expect(decision.metadata["cross_zone_daily_gb_now"] == 13.0)
        #expect(decision.metadata["pairs_qualified"] == 1)
    }

    @Test("bytes that both network cards recorded count once")
    func recordedTwice() throws {
        func record(_ from: String, _ to: String, _ gb: Int64, _ direction: String) -> JSONValue {
            [
                "src_pod": .string(from), "dst_pod": .string(to), "src_az": .string(from == "web" ? "za" : "zb"),
                "dst_az": .string(to == "web" ? "za" : "zb"), "bytes": .integer(gb * 1_000_000_000),
                "flow_direction": .string(direction), "start": 1_753_800_000, "end": 1_753_886_400,
            ]
        }
        let rows = [
            record("web", "db", 40, "egress"), record("web", "db", 40, "ingress"), record("db", "web", 30, "egress"),
            record("db", "web", 25, "ingress"),
        ]
        let decision = try Network.decide(Network.matrix(rows))
        #expect(decision.metadata["cross_zone_daily_gb_now"] == 70.0)
    }

    @Test("bytes become GB a day by the window they were counted in")
    func window() throws {
        let row: JSONValue = [
            "pod_a": "web", "pod_b": "db", "zone_a": "za", "zone_b": "zb", "bytes": 70_000_000_000,
        ]
        let week = try Network.decide(Network.matrix([row], ["window_hours": 168]))
        #expect(week.metadata["cross_zone_daily_gb_now"] == 10.0)
        let short = try Network.decide(Network.matrix([row], ["window_hours": 6]))
        #expect(short.metadata["cross_zone_daily_gb_now"] == 280.0)
        #expect(short.dataQuality <= 0.6)
        #expect(short.warnings.contains { $0.contains("extrapolated") })
        let none = try Network.decide(Network.matrix([row]))
        #expect(none.metadata["cross_zone_daily_gb_now"] == 0.0)
        #expect(none.itemProblems.map(\.code) == ["missing_field"])
    }

    @Test("malformed rows are reported one by one, and the rest counts")
    func malformed() throws {
        var negative = Network.row("web", "a", "db", "b", 1).object ?? [:]
        negative["daily_gb"] = -5
        var absurd = negative
        absurd["daily_gb"] = 1e300
        var text = negative
        text["daily_gb"] = "100"
        let rows: [JSONValue] = [
            7, .null, "x", .object(negative), .object(absurd), .object(text), ["pod_a": "web", "daily_gb": 5],
            ["pod_a": "web", "pod_b": "db"], ["pod_a": "we b", "pod_b": "db", "daily_gb": 5],
            ["pod_a": "wéb", "pod_b": "db", "daily_gb": 5], Network.row("web", "a", "db", "b", 100),
        ]
        let decision = try Network.decide(Network.matrix(rows))
        #expect(decision.itemProblems.count == 10)
        #expect(Set(decision.itemProblems.map(\.field)).count == 10)
        #expect(decision.metadata["cross_zone_daily_gb_now"] == 100.0)
        #expect(decision.dataQuality < 0.7)
    }

    @Test("a pod that talks to itself, or to a place nobody knows, is left out and said")
    func unusable() throws {
        let rows: [JSONValue] = [
            Network.row("web", "a", "web", "b", 100),
            ["pod_a": "web", "pod_b": "somewhere", "az_a": "us-east-1a", "daily_gb": 40],
        ]
        let decision = try Network.decide(Network.matrix(rows))
        #expect(decision.reasons == ["same_pod": 1, "zone_unknown": 1])
        #expect(decision.recommendations.isEmpty)
        #expect(decision.dataQuality < 1)
    }

    @Test("no traffic, or none that can be read, is a poor answer and no recommendation")
    func nothing() throws {
        let none = try Network.decide(["cluster_state": [:], "requirements": [:]])
        #expect(none.recommendations.isEmpty)
        #expect(none.dataQuality <= 0.3)
        #expect(try Network.decide(Network.matrix([])).recommendations.isEmpty)
        let error = #expect(throws: APIError.self) {
            try Network.decide(["cluster_state": [:], "requirements": ["traffic_matrix": "much"]])
        }
        #expect(error?.field == "requirements.traffic_matrix")
    }

    @Test(
        "wishes that make no sense are refused with their field",
        arguments: [
            (#"{"max_moves":-1}"#, "requirements.max_moves"), (#"{"max_moves":1.5}"#, "requirements.max_moves"),
            (#"{"levers":["magic"]}"#, "requirements.levers"),
            (#"{"min_pair_gb_per_day":-1}"#, "requirements.min_pair_gb_per_day"),
            (#"{"region":"Frankfurt"}"#, "requirements.region"),
            (#"{"time_budget_ms":0}"#, "requirements.time_budget_ms"),
            (#"{"service_prices":7}"#, "requirements.service_prices"),
            (#"{"zone_capacity":[1]}"#, "requirements.zone_capacity"),
            (#"{"window_hours":0}"#, "requirements.window_hours"), (#"{"pinned_pods":7}"#, "requirements.pinned_pods"),
        ]
    )
    func refused(requirements: String, field: String) throws {
        var wishes = try #require(try JSONParser.parse(Array(requirements.utf8)).object)
        wishes["traffic_matrix"] = [Network.row("web", "a", "db", "b", 100)]
        let error = #expect(throws: APIError.self) {
            try Network.decide(["cluster_state": [:], "requirements": .object(wishes)])
        }
        #expect(error?.field == field)
        #expect(error?.hint.isEmpty == false)
    }

    // MARK: Rules

    @Test("a limit of moves is kept, and what it leaves undone becomes a wish for the scheduler")
    func moveLimit() throws {
        let rows = [Network.row("web", "a", "db", "b", 100), Network.row("app", "a", "cache", "b", 300)]
        let one = try Network.decide(Network.matrix(rows, ["max_moves": 1]))
        #expect(Network.moves(one).count == 1)
        #expect(one.metadata["cross_zone_daily_gb_after"] == 100.0)
        let none = try Network.decide(Network.matrix(rows, ["max_moves": 0]))
        #expect(Network.moves(none).isEmpty)
        #expect(none.estimatedSavings == 0)
        let wishes = none.recommendations.filter { $0["action"] == "prefer_same_zone" }
        #expect(wishes.count == 2)
        #expect(wishes.allSatisfy { $0["monthly_savings"] == 0.0 })
        #expect(none.reasons["move_limit"] == 2)
    }

    @Test("replicas are never gathered in one zone", arguments: [2, 3])
    func spread(replicas: Int) throws {
        let letters = ["a", "b", "c"]
        let rows = (0..<replicas).map { Network.row("web-\($0)", letters[$0], "db", "a", 200) }
        let decision = try Network.decide(Network.matrix(rows, ["zones": .array(Network.zones.map { .string($0) })]))
        // Each zone may hold one of them at most, so none can follow the others to the database.
        #expect(Network.moves(decision).keys.allSatisfy { $0 == "db" })
        #expect(decision.reasons["spread"] == 1)
    }

    @Test("a pinned pod stays, and the other side moves", arguments: ["web", "db"])
    func pinned(name: String) throws {
        let body = Network.matrix([Network.row("web", "a", "db", "b", 100)], ["pinned_pods": .array([.string(name)])])
        let decision = try Network.decide(body)
        #expect(Network.moves(decision) == (name == "web" ? ["db": "us-east-1a"] : ["web": "us-east-1b"]))
        let both = try Network.decide(
            Network.matrix([Network.row("web", "a", "db", "b", 100)], ["pinned_pods": ["web", "db"]])
        )
        #expect(both.recommendations.isEmpty)
        #expect(both.reasons == ["pinned": 1])
    }

    @Test("every step that restarts a pod needs confirmation, and affinity is preferred, never required")
    func confirmation() throws {
        let rows = [Network.row("web", "a", "db", "b", 100), Network.row("app", "a", "cache", "b", 300)]
        let decision = try Network.decide(Network.matrix(rows))
        let moves = decision.plan.filter { $0.action == "move_pods_to_zone" }
        #expect(moves.count == 2)
        #expect(moves.allSatisfy { $0.requiresConfirmation })
        let text = DecisionResponse(
            decision,
            .init(requestID: "r", timestamp: Market.noon, processingMilliseconds: 0)
        ).json.text()
        #expect(text.contains("preferredDuringSchedulingIgnoredDuringExecution"))
        #expect(text.contains(#""weight":100"#))
        #expect(!text.contains("requiredDuringScheduling"))
    }

    @Test("the same request gives the same bytes, whatever order its rows come in", arguments: 0..<4)
    func order(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let set = NetworkSetsTests.random(&random, pods: 15...25)
        var shuffled = try #require(set.object)
        for name in ["services", "pods", "traffic", "zones"] {
            shuffled[name] = .array(try #require(set[name]?.array).shuffled(using: &random))
        }
        shuffled["traffic"] = .array(
            try #require(shuffled["traffic"]?.array).map { row in
                guard Bool.random(using: &random), let object = row.object else { return row }
                var turned = object
                for (one, two) in [("pod_a", "pod_b"), ("az_a", "az_b")] {
                    turned[one] = object[two]
                    turned[two] = object[one]
                }
                return .object(turned)
            }
        )
        func bytes(_ set: JSONValue) throws -> String {
            var body = try #require(Network.body(ofSet: set, requirements: ["time_budget_ms": 10]).object)
            body["explain"] = "full"
            let envelope = DecisionEnvelope(requestID: "r", timestamp: Market.noon, processingMilliseconds: 0)
            return DecisionResponse(try Network.decide(.object(body)), envelope).json.text()
        }
        let first = try bytes(set)
        #expect(try bytes(set) == first)
        #expect(try bytes(.object(shuffled)) == first)
    }

    @Test("the evidence names every pair, pod and zone, and what blocked it")
    func evidence() throws {
        var body = try #require(
            Network.matrix([Network.row("web", "a", "db", "b", 100)], ["pinned_pods": ["web", "db"]]).object
        )
        #expect(try Network.decide(.object(body)).evidence == nil)
        body["explain"] = "full"
        let evidence = try #require(try Network.decide(.object(body)).evidence)
        #expect(evidence["pairs"]?[0]?["blocked_by"] == "pinned")
        #expect(evidence["pods"]?.array?.compactMap { $0["pinned_by"] } == ["pinned", "pinned"])
        #expect(evidence["zones"]?.array?.count == 2)
    }
}
