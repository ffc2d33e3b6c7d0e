import Contract
import Engines

extension RegionMarket {
    /// The market as the sandbox's helpers look things up in it.
    func forScripts(type: DecisionType, now: Timestamp) -> JSONValue {
        [
            "now": .double(now.secondsSinceEpoch), "decision_type": .string(type.rawValue), "region": .string(region),
            "on_demand": .object(prices(onDemand.filter { $0.value > 0 }) { $0 }),
            "spot": spot,
            "advisor": bands,
            "services": .object(prices(services.usd) { $0.rawValue }),
            "catalogue": .object(members(catalogue.values.map { ($0.name, $0.forScripts) })),
            "types": .array(catalogue.values.map(\.name).sorted().map { .string($0) }),
            "sources": .object(members((sources + [services.source].compactMap { $0 }).map { ($0.kind, $0.json) })),
        ]
    }

    private func prices<Key>(_ prices: [Key: Double], _ name: (Key) -> String) -> JSONObject {
        members(prices.map { (name($0.key), .double($0.value)) })
    }

    /// Latest price by type and zone; under the empty name the cheapest zone, the first of them by name.
    private var spot: JSONValue {
        let byType = Dictionary(grouping: spotPrices.filter { !$0.points.isEmpty }, by: \.instanceType)
        return .object(
            members(
                byType.map { type, pools in
                    let latest = pools.compactMap { pool in pool.points.last.map { (zone: pool.zone, point: $0) } }
                    var zones = members(latest.map { ($0.zone, Self.price($0.point, zone: $0.zone)) })
                    if let cheapest = latest.min(by: { ($0.point.price, $0.zone) < ($1.point.price, $1.zone) }) {
                        zones[""] = Self.price(cheapest.point, zone: cheapest.zone)
                    }
                    return (type, .object(zones))
                }
            )
        )
    }

    private static func price(_ point: PricePoint, zone: String) -> JSONValue {
        ["price": .double(point.price), "zone": .string(zone), "at": .string(point.at.description)]
    }

    private var bands: JSONValue {
        .object(
            members(
                advisor.map { entry in
                    (
                        entry.instanceType,
                        [
                            "band": .string(entry.band.label), "index": .integer(Int64(entry.band.index)),
                            "maximum_percent": .integer(Int64(entry.band.maximumPercent)),
                            "savings_percent": .integer(Int64(entry.savingsPercent)),
                        ]
                    )
                }
            )
        )
    }

    /// In the order of names, the first of equal ones: same market, same bytes.
    private func members(_ pairs: [(String, JSONValue)]) -> JSONObject {
        var kept: [JSONObject.Member] = []
        for (key, value) in pairs.sorted(by: { $0.0 < $1.0 }) where kept.last?.key != key {
            kept.append(.init(key: key, value: value))
        }
        return JSONObject(distinct: kept)
    }
}

extension InstanceSpec {
    fileprivate var forScripts: JSONValue {
        [
            "instance_type": .string(name), "vcpus": .integer(Int64(vcpus)), "memory_mib": .integer(Int64(memoryMiB)),
            "allocatable_millicores": .integer(Int64(allocatableMillicores)),
            "allocatable_mib": .integer(Int64(allocatableMiB)), "max_pods": .integer(Int64(maximumPods)),
            "architecture": .string(architecture.rawValue), "gpu_count": .integer(Int64(gpuCount)),
            "burstable": .bool(isBurstable), "bare_metal": .bool(isBareMetal),
            "generation": .integer(Int64(generation)), "family": .string(family), "estimated": .bool(isEstimated),
        ]
    }
}
