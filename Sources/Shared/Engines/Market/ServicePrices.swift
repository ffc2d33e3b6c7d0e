package import Contract

/// What AWS charges for beside instances, each in its own unit.
package enum ServiceItem: String, Sendable, CaseIterable, Hashable, Codable, CodingKeyRepresentable {
    // USD per GB and month
    case gp2Storage = "ebs.gp2.gb_month"
    case gp3Storage = "ebs.gp3.gb_month"
    case io1Storage = "ebs.io1.gb_month"
    case io2Storage = "ebs.io2.gb_month"
    case st1Storage = "ebs.st1.gb_month"
    case sc1Storage = "ebs.sc1.gb_month"
    case standardStorage = "ebs.standard.gb_month"
    case snapshotStorage = "ebs.snapshot.gb_month"
    case archivedSnapshotStorage = "ebs.snapshot_archive.gb_month"
    // USD per provisioned unit and month
    case gp3IOPS = "ebs.gp3.iops_month"
    case gp3Throughput = "ebs.gp3.mibps_month"
    case io1IOPS = "ebs.io1.iops_month"
    /// io2 charges three rates: up to 32,000 IOPS, up to 64,000, and above.
    case io2IOPSTier1 = "ebs.io2.iops_tier1_month"
    case io2IOPSTier2 = "ebs.io2.iops_tier2_month"
    case io2IOPSTier3 = "ebs.io2.iops_tier3_month"
    /// USD per hour and address.
    case publicIPv4 = "ipv4.public.hour"
    /// USD per GB, charged on each of the two sides.
    case crossZoneTransfer = "transfer.cross_zone.gb"
}

/// Prices of services in one region; what is absent is not known.
package struct ServicePrices: Sendable, Hashable, Codable {
    /// USD in the item's unit.
    ///
    /// Zero is not a price.
    package var usd: [ServiceItem: Double]
    package var source: DataSource?

    package init(usd: [ServiceItem: Double] = [:], source: DataSource? = nil) {
        self.usd = usd.filter { $0.value.isFinite && $0.value > 0 }
        self.source = source
    }

    package subscript(item: ServiceItem) -> Double? { usd[item] }
}
