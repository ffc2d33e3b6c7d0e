import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// What must hold on any feed, not only on the recorded one.
@Suite("Spot optimizer on any feed")
struct SpotAcceptanceTests {
    /// A feed, a price list and a catalogue of the usual format, made up: other types, other regions, other figures.
    struct MadeUp {
        var feed: JSONObject = [:]
        var market: RegionMarket
        var prices = JSONObject()
        var catalogue = JSONObject()

        init(seed: UInt64) throws {
            var random = SeededGenerator(seed: seed)
            let region = ["ap-south-1", "eu-north-1", "us-gov-west-1"][Int(seed % 3)]
            market = RegionMarket(region: region, knownRegions: [region])
            var rows = JSONObject()
            for number in 0..<120 {
                let name = "z\(number % 12)\(["", "a", "g", "id"][number % 4]).\(number / 12 + 2)xlarge"
                let band = Int.random(in: 0...4, using: &random)
                let savings = Int.random(in: -30...99, using: &random)
                rows[name] = ["s": .integer(Int64(savings)), "r": .integer(Int64(band))]
                market.advisor.append(
                    AdvisorEntry(
                        instanceType: name,
                        band: InterruptionBand.standard[band],
                        savingsPercent: savings
                    )
                )
                switch number % 7 {
                case 0: break  // no price
                case 1: price(name, 0)  // zero: no price either
                default: price(name, Double.random(in: 0.005...40, using: &random))
                }
                // Some types of the feed are in no catalogue; they are scored all the same.
                guard number % 5 != 0 else { continue }
                catalogue[name] = ["vcpu": 4]
            }
            feed["spot_advisor"] = .object([region: ["Linux": .object(rows), "Windows": [:]]])
        }

        private mutating func price(_ name: String, _ usd: Double) {
            prices[name] = .double(usd)
            market.onDemand[name] = usd
        }

        /// Writes the three documents and returns their paths.
        func files(_ folder: URL) throws -> [String] {
            let documents: [(String, JSONValue)] = [
                ("feed", .object(feed)), ("prices", ["prices": [market.region: .object(prices)]]),
                ("catalogue", .object(catalogue)),
            ].map { ($0.0, $0.1 as JSONValue) }
            return try documents.map { name, document in
                let file = folder.appending(path: "\(name).json")
                try Data(document.bytes()).write(to: file)
                return file.path()
            }
        }
    }

    @Test("every score equals the oracle's", .enabled(if: PythonOracle.isPresent), arguments: [0, 1, 2])
    func scores(seed: UInt64) async throws {
        let madeUp = try MadeUp(seed: seed)
        let folder = FileManager.default.temporaryDirectory.appending(path: "feed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var market = madeUp.market
        market.zones = [market.region + "a", market.region + "c"]
        var random = SeededGenerator(seed: seed)
        let histories = market.advisor.filter { _ in Bool.random(using: &random) }.map {
            (
                $0.instanceType, market.region + "a",
                SpotScoreOracleTests.history(market.onDemand[$0.instanceType] ?? 0.5, &random)
            )
        }
        let count = try await SpotScoreOracleTests().compare(
            market,
            histories: histories,
            learned: [],
            files: try madeUp.files(folder)
        )
        #expect(count >= 120 * SpotScoreOracleTests.clocks.count * SpotScoreOracleTests.hours.count)
    }

    @Test("the ranking is a total order by cost, safety and name", arguments: 0..<8)
    func ranking(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let families = ["m5", "m6i", "m7i", "r5", "r6i", "c5", "c6i", "m5a"]
        let rows = families.map {
            Market.Row(
                name: "\($0).xlarge",
                band: Int.random(in: 0...1, using: &random),
                // Few distinct figures: many ties.
                savings: [50, 60].randomElement(using: &random) ?? 50,
                onDemand: [nil, 0.2, 0.2, 0.4].randomElement(using: &random) ?? 0.2
            )
        }
        for order in ["expected_cost", "safety"] {
            let decision = try Market.decide(
                try Market.make(rows),
                #"{"rank_by":"\#(order)","min_safety_score":0,"limit":100}"#
            )
            let items = decision.recommendations
            #expect(Set(decision.types).count == items.count)
            for (one, two) in zip(items, items.dropFirst()) {
                func key(_ item: JSONValue) -> (Int, Double, Double, String) {
                    let safety = item["safety_score"]?.number ?? 0
                    let name = item["instance_type"]?.string ?? ""
                    let isPriced = item["on_demand_hourly_price"]?.number != nil
                    let cost = item["expected_monthly_cost"]?.number ?? 0
                    let share = item["savings_percentage"]?.number ?? 0
                    if order == "safety" || !isPriced { return (isPriced ? 0 : 1, -safety, -share, name) }
                    return (0, cost, -safety, name)
                }
                #expect(key(one) < key(two), "\(order): \(one.text()) before \(two.text())")
            }
        }
    }

    @Test("the evidence holds the score parts of every type, the rejected ones included")
    func evidence() throws {
        var market = try Market.make([
            .init(name: "m5.xlarge"), .init(name: "m4.xlarge", band: 4), .init(name: "t3.xlarge"),
            .init(name: "r4.xlarge", savings: -20),
        ])
        market.advisor.append(
            AdvisorEntry(instanceType: "f1.2xlarge", band: InterruptionBand.standard[0], savingsPercent: 50)
        )
        #expect(try Market.decide(market).evidence == nil)
        let text = #"{"cluster_state":{},"requirements":{},"explain":"full"}"#
        let request = try DecisionRequest(body: Array(text.utf8), type: .spotOptimize)
        let decision = try SpotOptimizer(request, defaults: .init(region: "us-east-1")).decide(
            in: market,
            now: Market.noon
        )
        let candidates = try #require(decision.evidence?["candidates"]?.array)
        #expect(
            candidates.map { $0["instance_type"]?.string } == [
                "f1.2xlarge", "m4.xlarge", "m5.xlarge", "r4.xlarge", "t3.xlarge",
            ]
        )
        #expect(
            candidates.map { $0["reason"]?.string } == [
                "not_in_catalogue", "below_min_safety", nil, "spot_not_below_on_demand", "burstable",
            ]
        )
        for candidate in candidates {
            let pools = try #require(candidate["pools"]?.array)
            #expect(!pools.isEmpty)
            for pool in pools {
                // The parts and the weights give the score.
                let parts = try #require(pool["score_parts"])
                let sum = try ["advisor", "volatility", "learned", "structural"].reduce(0.0) { sum, part in
                    let value = try #require(parts[part]?.number)
                    return sum + value * (try #require(parts["weights"]?[part]?.number))
                }
                #expect(abs(sum - (try #require(pool["safety_score"]?.number))) < 1e-6)
            }
        }
    }

    @Test("Windows has a market of its own")
    func windows() throws {
        let text = #"{"cluster_state":{},"requirements":{"operating_system":"Windows","region":"us-east-1"}}"#
        let request = try DecisionRequest(body: Array(text.utf8), type: .spotOptimize)
        let engine = try SpotOptimizer(request, defaults: .init(region: "eu-west-1"))
        #expect(engine.marketKey.operatingSystem == .windows)
        var market = try Market.make([.init(name: "m5.xlarge")])
        #expect(throws: APIError.self) { try engine.decide(in: market, now: Market.noon) }
        market.operatingSystem = .windows
        let decision = try engine.decide(in: market, now: Market.noon)
        #expect(decision.metadata["operating_system"] == "Windows")
        #expect(decision.types == ["m5.xlarge"])
    }

    @Test("with the clock behind the data nothing breaks, and age is never negative")
    func clock() throws {
        let market = try Market.make([.init(name: "m5.xlarge")], feedAge: -48)
        let decision = try Market.decide(market)
        #expect(decision.dataQuality == 1)
        #expect(decision.types == ["m5.xlarge"])
    }
}
