import Contract

/// A gp2 disk in use that would cost less as gp3 without being slower.
///
/// gp2 gives 3 IOPS per GiB between 100 and 16,000 and bursts to 3,000; up to 170 GiB it moves at most 128 MiB/s, above
/// at most 250. The gp3 disk gets at least that much of both.
final class VolumeMigration: Sendable {
    let volume: EBSVolume
    let iops: Int64
    /// MiB per second.
    let throughput: Int64
    /// USD per month.
    let before: Double
    /// USD per month.
    let after: Double
    let used: ServiceItemSet

    var monthlySavings: Double { before - after }

    /// Nothing when it is no gp2 disk, when a price is missing, or when nothing would be saved.
    init?(_ volume: EBSVolume, _ tariff: VolumeTariff) {
        guard volume.type == "gp2", let size = volume.sizeGiB, size > 0, size <= Self.largest else { return nil }
        iops = min(16_000, max(VolumeTariff.gp3BaselineIOPS, 3 * size))
        throughput = size > 170 ? 250 : 128
        let old = tariff.cost(type: "gp2", sizeGiB: size, iops: nil, throughput: nil)
        let new = tariff.cost(type: "gp3", sizeGiB: size, iops: iops, throughput: throughput)
        guard old.isComplete, new.isComplete, let before = old.monthly, let after = new.monthly else { return nil }
        // Less than a cent is noise of the arithmetic.
        guard before - after >= 0.01 else { return nil }
        self.volume = volume
        self.before = before
        self.after = after
        used = old.used.union(new.used)
    }

    /// GiB; gp2 ends there.
    private static let largest: Int64 = 16_384
}
