package import Contract

/// What a disk costs per month.
///
/// Sizes are charged per GiB (the price list's GB-month), gp3's IOPS beyond 3,000 and its throughput beyond 125 MiB/s,
/// io1's IOPS each, io2's in three steps at 32,000 and 64,000. Requests to magnetic disks are not known and not counted.
package struct VolumeTariff: Sendable {
    package struct Cost: Sendable, Hashable {
        /// USD per month; nothing when size or price of the storage are not known.
        package var monthly: Double?
        /// What kept the sum from being complete: items without a price, or properties that were not given.
        package var missing: [String] = []
        package var used = ServiceItemSet()

        package var isComplete: Bool { monthly != nil && missing.isEmpty }
    }

    package static let gp3BaselineIOPS: Int64 = 3000
    /// MiB per second.
    package static let gp3BaselineThroughput: Int64 = 125
    package static let io2Steps: [(upTo: Int64, item: ServiceItem)] = [
        (32_000, .io2IOPSTier1), (64_000, .io2IOPSTier2), (.max, .io2IOPSTier3),
    ]
    /// More than any disk has; beyond it a number is a mistake.
    private static let most: Int64 = 100_000_000

    package let prices: ServiceTariff
    /// The region the prices are of.
    package let region: String

    package init(_ prices: ServiceTariff, region: String) {
        self.prices = prices
        self.region = region
    }

    /// The cost of a disk where it is; a disk of another region has no known price.
    package func cost(of volume: EBSVolume) -> Cost {
        if !lies(volume.zone), let place = volume.region, place != region { return Cost(missing: ["region:\(place)"]) }
        return cost(type: volume.type, sizeGiB: volume.sizeGiB, iops: volume.iops, throughput: volume.throughput)
    }

    /// Whether the zone is plainly one of the region: its name and a letter.
    private func lies(_ zone: String?) -> Bool {
        guard let zone else { return true }
        guard zone.utf8.count == region.utf8.count + 1, let last = zone.utf8.last else { return false }
        return last >= 0x61 && last <= 0x7A && zone.hasPrefix(region)
    }

    package func cost(type: String, sizeGiB: Int64?, iops: Int64?, throughput: Int64?) -> Cost {
        var cost = Cost()
        guard let storage = Self.storageItem(type) else {
            cost.missing.append("volume_type:\(type.isEmpty ? "unknown" : String(type.prefix(32)))")
            return cost
        }
        guard let size = sizeGiB, size > 0, size <= Self.most else {
            cost.missing.append("size")
            return cost
        }
        guard add(storage, Double(size), &cost) else { return cost }
        switch type {
        case "gp3":
            addBeyond(Self.gp3BaselineIOPS, iops, .gp3IOPS, &cost)
            addBeyond(Self.gp3BaselineThroughput, throughput, .gp3Throughput, &cost)
        case "io1":
            if let iops = known(iops, &cost) { add(.io1IOPS, Double(iops), &cost) }
        case "io2":
            if let iops = known(iops, &cost) { addSteps(iops, &cost) }
        default: break
        }
        return cost
    }

    /// The month of a snapshot of a disk of that size: at most this much, since snapshots hold what was written only.
    package func snapshotCost(sizeGiB: Int64?, archived: Bool = false) -> Cost {
        var cost = Cost()
        guard let size = sizeGiB, size > 0, size <= Self.most else {
            cost.missing.append("size")
            return cost
        }
        add(archived ? .archivedSnapshotStorage : .snapshotStorage, Double(size), &cost)
        return cost
    }

    package static func storageItem(_ type: String) -> ServiceItem? {
        switch type {
        case "gp2": .gp2Storage
        case "gp3": .gp3Storage
        case "io1": .io1Storage
        case "io2": .io2Storage
        case "st1": .st1Storage
        case "sc1": .sc1Storage
        case "standard": .standardStorage
        default: nil
        }
    }

    private func known(_ iops: Int64?, _ cost: inout Cost) -> Int64? {
        guard let iops, (0...Self.most).contains(iops) else {
            cost.missing.append("iops")
            return nil
        }
        return iops
    }

    /// What is not given is what the volume comes with.
    private func addBeyond(_ free: Int64, _ value: Int64?, _ item: ServiceItem, _ cost: inout Cost) {
        guard let value, value > free else { return }
        add(item, Double(min(value, Self.most) - free), &cost)
    }

    private func addSteps(_ iops: Int64, _ cost: inout Cost) {
        var from: Int64 = 0
        for step in Self.io2Steps where iops > from {
            add(step.item, Double(min(iops, step.upTo) - from), &cost)
            from = step.upTo
        }
    }

    @discardableResult
    private func add(_ item: ServiceItem, _ amount: Double, _ cost: inout Cost) -> Bool {
        guard amount > 0 else { return true }
        guard let price = prices[item] else {
            cost.missing.append(item.rawValue)
            return false
        }
        cost.monthly = (cost.monthly ?? 0) + price * amount
        cost.used.insert(item)
        return true
    }
}
