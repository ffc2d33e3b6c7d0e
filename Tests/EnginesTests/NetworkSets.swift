import Contract
import Engines

/// Requests and markets for tests of the network optimizer.
enum Network {
    static let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]

    /// A market that knows what a GB between zones costs.
    static func market(price: Double? = 0.01, isSample: Bool = false) -> RegionMarket {
        var market = RegionMarket(region: "us-east-1", knownRegions: ["eu-west-1", "us-east-1"])
        if let price {
            market.services = ServicePrices(
                usd: [.crossZoneTransfer: price],
                source: DataSource(
                    kind: "service_prices",
                    name: "list",
                    fetchedAt: Market.noon,
                    version: "2026-07",
                    isSample: isSample
                )
            )
        }
        return market
    }

    static func request(_ body: JSONValue) throws -> DecisionRequest {
        try DecisionRequest(body: body.bytes(), type: .networkOptimize)
    }

    static func decide(_ body: JSONValue, _ market: RegionMarket = market()) throws -> Decision {
        let engine = try NetworkOptimizer(try request(body), defaults: .init(region: "us-east-1"))
        return try engine.decide(in: market, now: Market.noon)
    }

    /// Rows of a matrix and nothing else.
    static func matrix(_ rows: [JSONValue], _ requirements: JSONObject = [:], state: JSONObject = [:]) -> JSONValue {
        var requirements = requirements
        requirements["traffic_matrix"] = .array(rows)
        return ["cluster_state": .object(state), "requirements": .object(requirements)]
    }

    static func row(_ one: String, _ zoneA: String, _ two: String, _ zoneB: String, _ gb: Double) -> JSONValue {
        [
            "pod_a": .string(one), "pod_b": .string(two), "az_a": .string("us-east-1" + zoneA),
            "az_b": .string("us-east-1" + zoneB), "daily_gb": .double(gb),
        ]
    }

    /// A set of the recorded kind as a request: its members become the cluster's state.
    static func body(ofSet set: JSONValue, levers: [String]? = nil, requirements: JSONObject = [:]) -> JSONValue {
        var requirements = requirements
        if let levers { requirements["levers"] = .array(levers.map { .string($0) }) }
        return ["cluster_state": set, "requirements": .object(requirements)]
    }

    /// Zone of each pod after the moves of a decision.
    static func moves(_ decision: Decision) -> [String: String] {
        var moves: [String: String] = [:]
        for item in decision.recommendations {
            for move in item["moves"]?.array ?? [] {
                guard let pod = move["pod"]?.string, let zone = move["to_zone"]?.string else { continue }
                moves[pod] = zone
            }
        }
        return moves
    }
}
