import Contract
import Engines
import OracleSupport

/// Small markets for tests, and the recorded one.
enum Market {
    /// A Wednesday at noon, UTC.
    static let noon = Timestamp(milliseconds: 1_753_876_800_000)

    static func spec(_ name: String, _ vcpus: Int, _ gib: Int, gpu: Int = 0, arm: Bool = false) throws -> InstanceSpec {
        struct Malformed: Error {}
        guard
            let spec = InstanceSpec(
                name: name,
                vcpus: vcpus,
                memoryMiB: gib * 1024,
                maximumPods: 58,
                gpuCount: gpu,
                architecture: arm ? .arm64 : .amd64
            )
        else { throw Malformed() }
        return spec
    }

    struct Row {
        var name: String
        var vcpus = 4
        var gib = 16
        var band = 0
        var savings = 60
        var onDemand: Double? = 0.2
        var gpu = 0
        var arm = false
    }

    static func make(
        _ rows: [Row],
        zones: [String] = ["us-east-1a", "us-east-1b", "us-east-1c"],
        prices: [SpotPriceHistory] = [],
        learned: [LearnedScore] = [],
        feedAge: Int = 1,
        isSample: Bool = false
    ) throws -> RegionMarket {
        var catalogue: [String: InstanceSpec] = [:]
        for row in rows { catalogue[row.name] = try spec(row.name, row.vcpus, row.gib, gpu: row.gpu, arm: row.arm) }
        let fetched = noon.adding(hours: -feedAge)
        return RegionMarket(
            region: "us-east-1",
            knownRegions: ["eu-west-1", "us-east-1", "us-east-2", "us-west-2"],
            zones: zones,
            advisor: rows.map {
                AdvisorEntry(
                    instanceType: $0.name,
                    band: InterruptionBand.standard[$0.band],
                    savingsPercent: $0.savings
                )
            },
            onDemand: Dictionary(
                rows.compactMap { row in row.onDemand.map { (row.name, $0) } },
                uniquingKeysWith: { $1 }
            ),
            spotPrices: prices,
            learned: learned,
            catalogue: catalogue,
            advisorSource: DataSource(kind: "spot_advisor", name: "feed", fetchedAt: fetched, isSample: isSample),
            onDemandSource: DataSource(kind: "on_demand_prices", name: "list", fetchedAt: fetched),
            spotPriceSource: DataSource(kind: "spot_prices", name: "history", fetchedAt: fetched),
            snapshotID: "snapshot-1"
        )
    }

    /// The us-east-1 Linux market of July 2025, from the recorded files.
    static func recorded() throws -> RegionMarket {
        struct Unreadable: Error {}
        let feed = try JSONParser.parse(try SharedData.bytes("spot-advisor/spot-advisor-data_2025-07.json"))
        let list = try JSONParser.parse(try SharedData.bytes("on-demand/karpenter_us-east-1_2025-07-29.json"))
        let types = try JSONParser.parse(try SharedData.bytes("instances/karpenter_catalogue_2026-08.json"))
        guard let rows = feed["spot_advisor"]?["us-east-1"]?["Linux"]?.object?.members,
            let prices = list["prices"]?["us-east-1"]?.object?.members, let catalogue = types.object?.members
        else { throw Unreadable() }
        var market = RegionMarket(region: "us-east-1", knownRegions: feed["spot_advisor"]?.object?.keys ?? [])
        market.advisor = rows.compactMap { row in
            guard let band = row.value["r"]?.integer, let savings = row.value["s"]?.integer else { return nil }
            return AdvisorEntry(
                instanceType: row.key,
                band: InterruptionBand.standard[Int(band)],
                savingsPercent: Int(savings)
            )
        }
        for price in prices { market.onDemand[price.key] = price.value.number }
        for type in catalogue { market.catalogue[type.key] = spec(type.key, type.value) }
        market.advisorSource = DataSource(kind: "spot_advisor", name: "recorded", fetchedAt: noon)
        return market
    }

    static func spec(_ name: String, _ row: JSONValue) -> InstanceSpec? {
        let allocatable = row["allocatable"]
        return InstanceSpec(
            name: name,
            vcpus: Int(row["vcpu"]?.integer ?? 0),
            memoryMiB: Int(row["memory_mib"]?.integer ?? 0),
            maximumPods: allocatable?["pods"]?.string.flatMap { Int($0) },
            gpuCount: Int(row["gpu_count"]?.integer ?? 0),
            architecture: row["arch"]?.string.flatMap { Architecture(rawValue: $0) },
            allocatableMillicores: allocatable?["cpu"]?.string.flatMap { Quantity($0) }.map { Int($0.millis) },
            allocatableMiB: allocatable?["memory"]?.string.flatMap { Quantity($0) }.map { Int($0.mebibytes) }
        )
    }

    static func request(_ requirements: String, constraints: String = "{}", state: String = "{}") throws -> SpotRequest
    {
        let text = "{\"cluster_state\":\(state),\"requirements\":\(requirements),\"constraints\":\(constraints)}"
        let request = try DecisionRequest(body: Array(text.utf8), type: .spotOptimize)
        return try SpotRequest(request, defaults: .init(region: "us-east-1"))
    }

    static func decide(
        _ market: RegionMarket,
        _ requirements: String = "{}",
        constraints: String = "{}",
        now: Timestamp = noon
    ) throws -> Decision {
        try SpotOptimizer.decide(try request(requirements, constraints: constraints), market: market, now: now)
    }
}

extension Decision {
    var types: [String] { recommendations.compactMap { $0["instance_type"]?.string } }
    var reasons: [String: Int] { Dictionary(uniqueKeysWithValues: rejected.counts.map { ($0.reason, $0.count) }) }
}
