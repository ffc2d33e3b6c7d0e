import Contract
import Engines

/// Cases of the packing oracles: a request, a market and a clock as JSON.
enum PackFixture {
    struct Malformed: Error {}

    static func market(_ json: JSONValue, region: String = "us-east-1") throws -> RegionMarket {
        var market = RegionMarket(region: region)
        for entry in json["on_demand"]?.object?.members ?? [] { market.onDemand[entry.key] = entry.value.number }
        for type in json["spot"]?.object?.members ?? [] {
            for zone in type.value.object?.members ?? [] {
                let at = Timestamp("2026-07-01T00:00:00Z") ?? Market.noon
                market.spotPrices.append(
                    SpotPriceHistory(
                        instanceType: type.key,
                        zone: zone.key,
                        points: [PricePoint(at: at, price: zone.value.number ?? 0)]
                    )
                )
            }
        }
        for entry in json["savings"]?.object?.members ?? [] {
            market.advisor.append(
                AdvisorEntry(
                    instanceType: entry.key,
                    band: InterruptionBand.standard[0],
                    savingsPercent: Int(entry.value.integer ?? 0)
                )
            )
        }
        for entry in json["types"]?.object?.members ?? [] { market.catalogue[entry.key] = spec(entry.key, entry.value) }
        market.onDemandSource = DataSource(kind: "on_demand_prices", name: "list", fetchedAt: Market.noon)
        return market
    }

    private static func spec(_ name: String, _ json: JSONValue) -> InstanceSpec? {
        InstanceSpec(
            name: name,
            vcpus: Int(json["vcpu"]?.integer ?? 0),
            memoryMiB: Int(json["mib"]?.integer ?? 0),
            maximumPods: json["pods"]?.integer.map { Int($0) },
            architecture: json["arch"]?.string.flatMap { Architecture(rawValue: $0) },
            allocatableMillicores: json["cpu"]?.integer.map { Int($0) },
            allocatableMiB: json["memory"]?.integer.map { Int($0 >> 20) }
        )
    }

    static func decide(_ request: JSONValue, _ market: RegionMarket, now: Timestamp) throws -> Decision {
        let request = try DecisionRequest(body: request.bytes(), type: .binPack)
        return try BinPacking(request, defaults: EngineDefaults(region: "us-east-1")).decide(in: market, now: now)
    }

    static func reply(_ decision: Decision, now: Timestamp) -> JSONValue {
        DecisionResponse(
            decision,
            DecisionEnvelope(requestID: "r", timestamp: now, processingMilliseconds: 0)
        ).json
    }

    /// The request with another constraint.
    static func with(_ request: JSONValue, _ name: String, _ value: JSONValue) -> JSONValue {
        guard var object = request.object else { return request }
        var constraints = object["constraints"]?.object ?? JSONObject()
        constraints[name] = value
        object["constraints"] = .object(constraints)
        return .object(object)
    }
}
