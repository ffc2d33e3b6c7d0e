import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// Every score against an independent script on recorded data.
///
/// Skipped without the shared data folder or python3: neither belongs to the repository.
@Suite("Spot scores against the oracle", .enabled(if: SharedData.isPresent && PythonOracle.isPresent))
struct SpotScoreOracleTests {
    static let clocks = [
        "2025-07-30T12:00:00Z", "2025-07-30T05:59:59.999Z", "2025-07-30T06:00:00Z", "2025-07-30T09:00:00Z",
        "2025-07-30T18:00:00Z", "2025-07-30T22:00:00Z", "2025-08-02T12:00:00Z", "2025-08-03T23:59:59Z",
        "2025-08-04T00:00:00Z",
    ]
    static let hours = [0.0, 9_999, 10_000, 49_999.5, 50_000, 123_456, 200_000, 350_000, 499_999, 500_000, 9e9]

    @Test("every us-east-1 Linux type, without price histories")
    func bands() async throws {
        let count = try await compare(try Market.recorded(), histories: [], learned: [])
        #expect(count == 894 * Self.clocks.count * Self.hours.count)
    }

    @Test("the same with made-up histories, learned scores and zones", arguments: [1, 2])
    func histories(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var market = try Market.recorded()
        market.zones = ["us-east-1a", "us-east-1b"]
        let types = market.advisor.map(\.instanceType).sorted()
        var histories: [(String, String, [PricePoint])] = []
        var learned: [LearnedScore] = []
        for type in types where Int.random(in: 0..<3, using: &random) > 0 {
            for zone in ["us-east-1a", "us-east-1b", "us-east-1d"] where Bool.random(using: &random) {
                histories.append((type, zone, Self.history(market.onDemand[type] ?? 0.5, &random)))
                let confidences: [Double] = [0, 0.29, 0.3, 0.9]
                learned.append(
                    LearnedScore(
                        instanceType: type,
                        zone: zone,
                        score: Double.random(in: 0...1, using: &random),
                        confidence: confidences[Int.random(in: confidences.indices, using: &random)]
                    )
                )
            }
        }
        let count = try await compare(market, histories: histories, learned: learned)
        #expect(count > 1000 * Self.clocks.count * Self.hours.count)
    }

    /// Changes in a random order, with repeats, twins at one instant, zeros, long gaps, and prices in the future.
    static func history(_ onDemand: Double, _ random: inout SeededGenerator) -> [PricePoint] {
        let start = Market.noon.milliseconds - 20 * 86_400_000
        var points: [PricePoint] = []
        let swings: [Double] = [0.000_001, 0.01, 0.3, 0.9]
        let swing = swings[Int.random(in: swings.indices, using: &random)]
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let at = Timestamp(milliseconds: start + Int64.random(in: 0...(26 * 86_400_000), using: &random))
            let factor = 0.4 * (1 + Double.random(in: -swing...swing, using: &random))
            points.append(PricePoint(at: at, price: onDemand * factor))
            if Int.random(in: 0..<8, using: &random) == 0 { points.append(PricePoint(at: at, price: onDemand * 0.5)) }
            if Int.random(in: 0..<12, using: &random) == 0 { points.append(PricePoint(at: at, price: 0)) }
        }
        return points.shuffled(using: &random)
    }

    func compare(
        _ base: RegionMarket,
        histories: [(String, String, [PricePoint])],
        learned: [LearnedScore],
        files: [String]? = nil
    ) async throws -> Int {
        var market = base
        market.spotPrices = histories.map { SpotPriceHistory(instanceType: $0.0, zone: $0.1, points: $0.2) }
        market.learned = learned
        let answers = try await Self.oracle(market, histories, learned, files)
        var compared = 0
        var index = 0
        for clock in Self.clocks {
            let now = try #require(Timestamp(clock))
            for hours in Self.hours {
                var request = SpotRequest(region: "us-east-1")
                request.observedHours = hours
                request.restartCost = 3
                let scores = SpotOptimizer.scores(request, market: market, now: now)
                let expected = Dictionary(
                    uniqueKeysWithValues: try #require(answers[index].array).map {
                        ("\($0["type"]?.string ?? "")/\($0["zone"]?.string ?? "")", $0)
                    }
                )
                index += 1
                try #require(scores.count == expected.count)
                for score in scores {
                    let row = try #require(expected["\(score.instanceType)/\(score.zone ?? "")"])
                    if let difference = Self.difference(score, row) {
                        Issue.record("\(clock) \(hours) h \(score.instanceType) \(score.zone ?? "-"): \(difference)")
                    }
                    compared += 1
                }
            }
        }
        return compared
    }

    static func difference(_ score: SpotTypeScore, _ row: JSONValue) -> String? {
        let pairs: [(String, Double?)] = [
            ("score", score.score.safety), ("A", score.score.advisor), ("V", score.score.volatility),
            ("S", score.score.structural), ("T", score.score.time), ("C", score.score.learned),
            ("w", score.score.learnedWeight), ("probability", score.score.interruptionProbability),
            ("spot", score.spotPrice), ("on_demand", score.onDemandPrice), ("expected_cost", score.expectedMonthlyCost),
        ]
        for (name, value) in pairs {
            let expected = row[name]?.number
            guard let value, let expected else {
                if value == nil, expected == nil { continue }
                return "\(name) is \(String(describing: value)), not \(String(describing: expected))"
            }
            if abs(value - expected) > 1e-9 * max(1, abs(expected)) { return "\(name) is \(value), not \(expected)" }
        }
        return row["V_default"]?.bool == score.score.volatilityIsFallback ? nil : "V_default differs"
    }

    static func oracle(
        _ market: RegionMarket,
        _ histories: [(String, String, [PricePoint])],
        _ learned: [LearnedScore],
        _ files: [String]?
    ) async throws -> [JSONValue] {
        let cases: JSONValue = [
            "cases": .array(
                clocks.flatMap { clock in hours.map { ["now": .string(clock), "hours": .double($0)] } }
            ),
            "histories": .array(
                histories.map { type, zone, points in
                    [
                        "type": .string(type), "zone": .string(zone),
                        "points": .array(points.map { [.string($0.at.description), .double($0.price)] }),
                    ]
                }
            ),
            "learned": .array(
                learned.map {
                    [
                        "type": .string($0.instanceType), "zone": .string($0.zone), "score": .double($0.score),
                        "confidence": .double($0.confidence),
                    ]
                }
            ),
            "zones": .array(market.zones.map { .string($0) }),
            "restart_cost": 3,
        ]
        let file = FileManager.default.temporaryDirectory.appending(path: "cases-\(UUID().uuidString).json")
        try Data(cases.bytes()).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let recorded = [
            "spot-advisor/spot-advisor-data_2025-07.json", "on-demand/karpenter_us-east-1_2025-07-29.json",
            "instances/karpenter_catalogue_2026-08.json",
        ]
        let data = try files ?? recorded.map { try SharedData.url($0).path() }
        let answer = try await PythonOracle.run("spot_scores.py", data + [market.region, file.path()])
        return try #require(answer.array)
    }
}
