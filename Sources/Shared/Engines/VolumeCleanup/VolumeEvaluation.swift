import Contract

/// Judges every disk and prices what can be saved.
struct VolumeEvaluation {
    /// A disk to delete, with what that saves.
    ///
    /// An object, not a value: it is large, and the answer goes through tens of thousands of them several times.
    final class Deletion: Sendable {
        let verdict: VolumeVerdict
        /// USD per month of the disk; nothing when its size or price is not known.
        let cost: VolumeTariff.Cost
        /// USD per month of the snapshot that has to be made and kept; nothing when none has to be.
        let snapshot: VolumeTariff.Cost?
        /// The snapshot is to be archived, since kept at hand it would cost as much as the disk.
        let archivesSnapshot: Bool
        /// USD per month; nothing unless every part is known.
        let netMonthly: Double?

        init(
            _ verdict: VolumeVerdict,
            cost: VolumeTariff.Cost,
            snapshot: VolumeTariff.Cost? = nil,
            archivesSnapshot: Bool = false
        ) {
            self.verdict = verdict
            self.cost = cost
            self.snapshot = snapshot
            self.archivesSnapshot = archivesSnapshot
            netMonthly = Self.net(cost, snapshot)
        }

        static func net(_ cost: VolumeTariff.Cost, _ snapshot: VolumeTariff.Cost?) -> Double? {
            guard let monthly = cost.monthly, cost.missing.isEmpty else { return nil }
            guard let snapshot else { return monthly }
            return snapshot.monthly.map { monthly - $0 }
        }

        var missing: [String] { cost.missing + (snapshot?.missing ?? []) }
        var used: ServiceItemSet { snapshot.map { cost.used.union($0.used) } ?? cost.used }
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
        var lexicons = VolumeTags.Lexicons()
        let tags = volumes.map { VolumeTags($0, &lexicons) }
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
                !unclear.isEmpty && unclear.contains(volume.id)
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
        for position in IdentifierOrder.positions(all.count, id: { all[$0].id }) {
            if !volumes.isEmpty, volumes[volumes.count - 1].id == all[position].id {
                if volumes[volumes.count - 1] != all[position] { unclear.insert(all[position].id) }
            } else {
                volumes.append(all[position])
            }
        }
        return (volumes, unclear)
    }

    private mutating func price(_ tariff: VolumeTariff) {
        var found: [Deletion] = []
        for index in verdicts.indices {
            if verdicts[index].finding == .zombie {
                let deletion = Self.deletion(verdicts[index], tariff)
                if let net = deletion.netMonthly, net <= 0 {
                    verdicts[index].finding = .snapshotCostsMore
                } else {
                    found.append(deletion)
                }
            } else if verdicts[index].finding == .inUse, let migration = VolumeMigration(verdicts[index].volume, tariff)
            {
                migrations.append(migration)
            }
        }
        deletions = Self.dearestFirst(found) { $0.netMonthly ?? 0 }
        migrations = Self.dearestFirst(migrations) { $0.monthlySavings }
    }

    /// What saves most first; of equals the one whose id comes first, as they come in.
    private static func dearestFirst<Item>(_ items: [Item], _ savings: (Item) -> Double) -> [Item] {
        let keys = items.indices.map { (savings(items[$0]), $0) }
        return keys.sorted { $0.0 != $1.0 ? $0.0 > $1.0 : $0.1 < $1.1 }.map { items[$0.1] }
    }

    private static func deletion(_ verdict: VolumeVerdict, _ tariff: VolumeTariff) -> Deletion {
        let size = verdict.volume.sizeGiB
        let cost = tariff.cost(of: verdict.volume)
        guard verdict.requiresSnapshot else { return Deletion(verdict, cost: cost) }
        let snapshot = tariff.snapshotCost(sizeGiB: size)
        // A copy of a slow disk can cost more than the disk: then the archive is the place for it.
        if let net = Deletion.net(cost, snapshot), net <= 0 {
            let archived = tariff.snapshotCost(sizeGiB: size, archived: true)
            if archived.isComplete {
                return Deletion(verdict, cost: cost, snapshot: archived, archivesSnapshot: true)
            }
        }
        return Deletion(verdict, cost: cost, snapshot: snapshot)
    }
}
