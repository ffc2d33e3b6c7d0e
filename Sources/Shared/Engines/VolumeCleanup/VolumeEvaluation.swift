import Contract

/// Judges every disk and prices what can be saved.
struct VolumeEvaluation {
    /// A disk to delete, with what that saves.
    struct Deletion: Sendable {
        var verdict: VolumeVerdict
        /// USD per month of the disk; nothing when its size or price is not known.
        var cost: VolumeTariff.Cost
        /// USD per month of the snapshot that has to be made and kept; nothing when none has to be.
        var snapshot: VolumeTariff.Cost?
        /// The snapshot is to be archived, since kept at hand it would cost as much as the disk.
        var archivesSnapshot = false

        /// USD per month; nothing unless every part is known.
        var netMonthly: Double? {
            guard let monthly = cost.monthly, cost.missing.isEmpty else { return nil }
            guard let snapshot else { return monthly }
            return snapshot.monthly.map { monthly - $0 }
        }

        var missing: [String] { cost.missing + (snapshot?.missing ?? []) }
        var used: Set<ServiceItem> { cost.used.union(snapshot?.used ?? []) }
    }

    let request: VolumeRequest
    let now: Timestamp
    /// In the order of the ids.
    private(set) var verdicts: [VolumeVerdict] = []
    /// What saves most comes first.
    private(set) var deletions: [Deletion] = []
    private(set) var migrations: [VolumeMigration] = []

    init(_ request: VolumeRequest, _ services: ServiceTariff, now: Timestamp) {
        self.request = request
        self.now = now
        let (volumes, differing) = Self.volumes(request.volumes)
        let unclear = request.unclear.union(differing)
        let tags = volumes.map { VolumeTags($0) }
        var claims = StorageClaims(request.clusters)
        claims.learnNames(volumes, tags)
        let classifier = VolumeClassifier(
            request: request,
            claims: claims,
            copies: SnapshotIndex(request.snapshots ?? [], imageSnapshots: request.imageSnapshots),
            now: now
        )
        verdicts.reserveCapacity(volumes.count)
        for (index, volume) in volumes.enumerated() {
            verdicts.append(
                unclear.contains(volume.id)
                    ? VolumeVerdict(volume: volume, finding: .conflictingDescriptions)
                    : classifier.verdict(volume, tags[index])
            )
        }
        price(VolumeTariff(services, region: request.region))
    }

    /// One entry per id in the order of ids, and the ids that are described in two ways.
    private static func volumes(_ all: [EBSVolume]) -> ([EBSVolume], Set<String>) {
        var volumes: [EBSVolume] = []
        var unclear: Set<String> = []
        volumes.reserveCapacity(all.count)
        for volume in all.sorted(by: { $0.id < $1.id }) {
            if let last = volumes.last, last.id == volume.id {
                if last != volume { unclear.insert(volume.id) }
            } else {
                volumes.append(volume)
            }
        }
        return (volumes, unclear)
    }

    private mutating func price(_ tariff: VolumeTariff) {
        for (index, verdict) in verdicts.enumerated() {
            if verdict.finding == .zombie {
                let deletion = Self.deletion(verdict, tariff)
                if let net = deletion.netMonthly, net <= 0 {
                    verdicts[index].finding = .snapshotCostsMore
                } else {
                    deletions.append(deletion)
                }
            } else if verdict.finding == .inUse, let migration = VolumeMigration(verdict.volume, tariff) {
                migrations.append(migration)
            }
        }
        deletions.sort { left, right in
            let savings = (left.netMonthly ?? 0, right.netMonthly ?? 0)
            return savings.0 != savings.1 ? savings.0 > savings.1 : left.verdict.volume.id < right.verdict.volume.id
        }
        migrations.sort { left, right in
            left.monthlySavings != right.monthlySavings
                ? left.monthlySavings > right.monthlySavings : left.volume.id < right.volume.id
        }
    }

    private static func deletion(_ verdict: VolumeVerdict, _ tariff: VolumeTariff) -> Deletion {
        let size = verdict.volume.sizeGiB
        var deletion = Deletion(verdict: verdict, cost: tariff.cost(of: verdict.volume))
        guard verdict.requiresSnapshot else { return deletion }
        deletion.snapshot = tariff.snapshotCost(sizeGiB: size)
        // A copy of a slow disk can cost more than the disk: then the archive is the place for it.
        guard let net = deletion.netMonthly, net <= 0 else { return deletion }
        let archived = tariff.snapshotCost(sizeGiB: size, archived: true)
        guard archived.isComplete else { return deletion }
        deletion.snapshot = archived
        deletion.archivesSnapshot = true
        return deletion
    }
}
