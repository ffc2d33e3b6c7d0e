import Contract
import Engines
import OracleSupport
import Testing

/// Runs an engine on a request as the server does: bytes in, decision out.
enum FleetRun {
    /// A Wednesday at noon, UTC.
    static let now = Timestamp(milliseconds: 1_780_488_000_000)  // 2026-06-03T12:00:00Z

    static let market: RegionMarket = {
        let dated = now.adding(hours: -5)
        var market = RegionMarket(region: "us-east-1", knownRegions: ["eu-west-1", "us-east-1"])
        market.onDemand = ["m5.large": 0.096, "m5.xlarge": 0.192, "c5.large": 0.085]
        market.spotPrices = [
            SpotPriceHistory(
                instanceType: "m5.large",
                zone: "us-east-1a",
                points: [
                    PricePoint(at: now.adding(hours: -30), price: 0.04), PricePoint(at: now.adding(hours: 5), price: 9),
                ]
            )
        ]
        market.services = ServicePrices(
            usd: [
                .gp2Storage: 0.10, .gp3Storage: 0.08, .io1Storage: 0.125, .io2Storage: 0.125, .st1Storage: 0.045,
                .sc1Storage: 0.015, .standardStorage: 0.05, .snapshotStorage: 0.05, .archivedSnapshotStorage: 0.0125,
                .gp3IOPS: 0.005, .gp3Throughput: 0.04, .io1IOPS: 0.065, .io2IOPSTier1: 0.065, .io2IOPSTier2: 0.0455,
                .io2IOPSTier3: 0.03185, .publicIPv4: 0.005,
            ],
            source: DataSource(kind: "service_prices", name: "list", fetchedAt: dated)
        )
        market.onDemandSource = DataSource(kind: "on_demand_prices", name: "prices", fetchedAt: dated)
        market.spotPriceSource = DataSource(kind: "spot_prices", name: "history", fetchedAt: dated)
        market.snapshotID = "snapshot-7"
        return market
    }()

    static func decide<Engine: DecisionEngine>(
        _ engine: Engine.Type,
        _ document: JSONValue,
        market: RegionMarket = market,
        now: Timestamp = now
    ) throws -> Decision {
        let request = try DecisionRequest(
            body: document.bytes(),
            type: Engine.type,
            limits: .init(maximumBytes: 1 << 30)
        )
        return try Engine(request, defaults: EngineDefaults(region: "us-east-1")).decide(in: market, now: now)
    }

    /// The whole answer as bytes, with an envelope that never differs.
    static func bytes(_ decision: Decision) -> [UInt8] {
        let envelope = DecisionEnvelope(requestID: "r", timestamp: now, processingMilliseconds: 0)
        return DecisionResponse(decision, envelope).bytes
    }

    /// Records where two answers differ, in a few words.
    static func expectSame(_ left: Decision, _ right: Decision) {
        let (left, right) = (bytes(left), bytes(right))
        guard left != right else { return }
        let index =
            zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(left.count, right.count)
        func around(_ bytes: [UInt8]) -> String {
            String(decoding: bytes[max(0, index - 120)..<min(bytes.count, index + 60)], as: UTF8.self)
        }
        Issue.record("the answers differ: …\(around(left))… and …\(around(right))…")
    }

    /// The same document with the elements of every list in another order, save lists that mean an order.
    static func shuffled(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        switch value {
        case .array(let items):
            return .array(items.map { shuffled($0, &random) }.shuffled(using: &random))
        case .object(let object):
            var members: [JSONObject.Member] = []
            for member in object.members {
                members.append(.init(key: member.key, value: shuffled(member.value, &random)))
            }
            return .object(JSONObject(distinct: members.shuffled(using: &random)))
        default: return value
        }
    }

    /// Actions that take something away: each of their steps must ask first.
    static let destructive = [
        "terminate", "stop", "delete", "cancel", "release", "scale_down", "suspend", "drain", "modify", "archive",
        "fix_asg",
    ]

    static func expectConfirmations(_ decision: Decision) {
        for step in decision.plan where destructive.contains(where: { step.action.contains($0) }) {
            #expect(step.requiresConfirmation, "\(step.action)")
        }
    }
}

extension Decision {
    /// Recommendations by the value of one of their members.
    func items(_ key: String, _ value: String) -> [JSONValue] { recommendations.filter { $0[key]?.string == value } }

    func reason(of candidate: String) -> String? { rejected.all.first { $0.candidate == candidate }?.reason }
}
