import Contract
package import Engines
import FoundationEssentials

extension PriceSnapshot {
    /// The snapshot as the spot optimizer takes it.
    ///
    /// With `knownRegions`, every region of the feed, a typo can be told from a region without data.
    package func regionMarket(knownRegions: [String]) -> RegionMarket {
        RegionMarket(
            region: region,
            operatingSystem: RegionMarket.OperatingSystem(rawValue: operatingSystem) ?? .linux,
            knownRegions: knownRegions,
            zones: Set(spotPools.map(\.availabilityZone)).sorted(),
            advisor: advisor.map { row in
                AdvisorEntry(
                    instanceType: row.instanceType,
                    band: .init(index: row.rateIndex, label: row.label, maximumPercent: row.maxPercent),
                    savingsPercent: row.savings
                )
            },
            onDemand: onDemand.compactMapValues(\.hourlyUSD),
            spotPrices: spotPools.map(\.history),
            catalogue: catalogue.compactMapValues(InstanceSpec.init),
            services: PublicServicePrices.prices(in: region),
            advisorSource: source(PriceSourceStatus.spotAdvisor, kind: "spot_advisor"),
            onDemandSource: source(PriceSourceStatus.onDemand, kind: "on_demand_prices"),
            spotPriceSource: source(PriceSourceStatus.spotPrices, kind: "spot_prices"),
            catalogueSource: source(PriceSourceStatus.instanceTypes, kind: "instance_catalogue"),
            snapshotID: "\(id)"
        )
    }

    private func source(_ name: String, kind: String) -> DataSource? {
        // The region's own source, where there is one, stands behind the one for all regions.
        sources.last { $0.name == name }.map { status in
            DataSource(
                kind: kind,
                name: status.source,
                fetchedAt: Timestamp(secondsSinceEpoch: status.confirmedAt.timeIntervalSince1970),
                version: status.version ?? status.etag,
                isSample: status.isSample
            )
        }
    }
}

extension PriceSnapshot.SpotPool {
    fileprivate var history: SpotPriceHistory {
        SpotPriceHistory(
            instanceType: instanceType,
            zone: availabilityZone,
            points: changes.map { change in
                PricePoint(
                    at: Timestamp(secondsSinceEpoch: change.at.timeIntervalSince1970),
                    price: change.price.amount
                )
            }
        )
    }
}

extension InstanceSpec {
    /// nil for names of a shape the engines do not know: such a type is never recommended.
    fileprivate init?(_ spec: InstanceTypeSpec) {
        self.init(
            name: spec.name,
            vcpus: spec.vcpus,
            memoryMiB: spec.memoryMiB,
            maximumPods: spec.allocatablePods,
            gpuCount: spec.gpuCount,
            architecture: Architecture(spec.architecture),
            allocatableMillicores: spec.allocatableCPUMillicores,
            allocatableMiB: spec.allocatableMemoryMiB
        )
        networkMbps = spec.networkMbps
        localDiskGB = spec.localDiskGB
    }
}

extension Architecture {
    /// nil when the source does not say: the engine then derives it from the type's name.
    fileprivate init?(_ architecture: CPUArchitecture) {
        switch architecture {
        case .arm64: self = .arm64
        case .x86_64: self = .amd64
        case .unknown: return nil
        }
    }
}
