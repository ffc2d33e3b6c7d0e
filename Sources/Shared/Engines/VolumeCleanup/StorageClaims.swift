import Contract

/// Everything the supplied clusters say about disks: who refers to which, and which claims wait for theirs.
struct StorageClaims {
    /// Why a disk must stay, or be looked at.
    enum Reference: String, Sendable, Comparable {
        // Kept
        case bound = "pv_bound"
        case available = "pv_available"
        case unclear = "pv_phase_unknown"
        case claimPending = "pvc_pending"
        case claimed = "pvc_exists"
        case scaledDown = "statefulset_scaled_down"
        // Looked at
        case retained = "pv_released_retain"
        case released = "pv_released"
        case failed = "pv_failed"

        var keeps: Bool {
            switch self {
            case .retained, .released, .failed: false
            default: true
            }
        }

        /// The stronger reason comes first, so that several clusters agree in whatever order they come.
        private var rank: Int {
            switch self {
            case .bound: 0
            case .available: 1
            case .unclear: 2
            case .claimPending: 3
            case .claimed: 4
            case .scaledDown: 5
            case .failed: 6
            case .retained: 7
            case .released: 8
            }
        }

        static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    private var byVolume: [String: Reference] = [:]
    private var persistentVolumes: [String: Reference] = [:]
    private var claims: [ObjectKey: [PersistentVolumeClaim]] = [:]
    private var sets: [ObjectKey: [String]] = [:]
    /// Names of the clusters that were supplied.
    private(set) var names: Set<String> = []

    init(_ clusters: [SuppliedCluster]) {
        for cluster in clusters {
            names.formUnion(cluster.names)
            for volume in cluster.state.persistentVolumes { add(volume) }
            for claim in cluster.state.claims { claims[claim.key, default: []].append(claim) }
            for workload in cluster.state.workloads where workload.kind == .statefulSet { add(workload) }
        }
    }

    /// Learns the supplied clusters' names from the tags of disks that their volumes refer to.
    mutating func learnNames(_ volumes: [EBSVolume], _ tags: [VolumeTags]) {
        // Always: the name a caller gives a cluster need not be the one in its tags.
        guard !byVolume.isEmpty else { return }
        for index in volumes.indices where byVolume[volumes[index].id] != nil {
            for name in tags[index].ownership.names where !names.contains(name) { names.insert(name) }
        }
    }

    /// The strongest reason against deleting the disk; nothing when no cluster wants it.
    func reference(to volume: EBSVolume, _ tags: VolumeTags) -> Reference? {
        var found = byVolume[volume.id]
        func note(_ reference: Reference?) {
            guard let reference else { return }
            found = found.map { min($0, reference) } ?? reference
        }
        if let name = tags.persistentVolume { note(persistentVolumes[name]) }
        if let claim = tags.claim {
            for known in claims[claim] ?? [] { note(Self.wants(known, tags.persistentVolume)) }
            if isOfScaledSet(claim) { note(.scaledDown) }
        }
        return found
    }

    private mutating func add(_ volume: PersistentVolume) {
        let reference = Self.reference(volume)
        for id in [volume.ebsVolumeID, volume.volumeHandle.isEmpty ? nil : Self.volumeID(volume.volumeHandle)] {
            guard let id else { continue }
            byVolume[id] = byVolume[id].map { min($0, reference) } ?? reference
        }
        persistentVolumes[volume.name] = persistentVolumes[volume.name].map { min($0, reference) } ?? reference
    }

    /// `vol-…` out of a handle such as `aws://us-east-1a/vol-…`.
    private static func volumeID(_ handle: String) -> String? {
        handle.split(separator: "/").last.flatMap { $0.hasPrefix("vol-") ? String($0) : nil }
    }

    private static func reference(_ volume: PersistentVolume) -> Reference {
        switch volume.phase {
        case .bound: .bound
        case .available: .available
        case .failed: .failed
        case .released: volume.reclaimPolicy == .retain ? .retained : .released
        case .pending, nil: .unclear
        }
    }

    /// A claim of the disk's claim's name keeps the disk, unless it is known to have another volume by now.
    private static func wants(_ claim: PersistentVolumeClaim, _ volume: String?) -> Reference? {
        guard let name = claim.volumeName, claim.phase != .pending else { return .claimPending }
        return volume == nil || name == volume ? .claimed : nil
    }

    private mutating func add(_ set: Workload) {
        // Deleted with the replicas, its claims would be gone: then nothing is kept for their return.
        guard set.whenScaled == .retain else { return }
        sets[set.key, default: []] += set.volumeClaimTemplates.map(\.name)
    }

    /// `data-web-0` belongs to the set `web` with a template `data`: it comes back when the set is scaled up.
    private func isOfScaledSet(_ claim: ObjectKey) -> Bool {
        guard !sets.isEmpty, let dash = claim.name.lastIndex(of: "-"),
            claim.name[claim.name.index(after: dash)...].utf8.allSatisfy({ $0 &- 0x30 < 10 })
        else { return false }
        let base = claim.name[..<dash]
        // Both names may hold dashes themselves.
        for cut in base.indices where base[cut] == "-" {
            let set = ObjectKey(namespace: claim.namespace, name: String(base[base.index(after: cut)...]))
            if let templates = sets[set], templates.contains(String(base[..<cut])) { return true }
        }
        return false
    }
}
