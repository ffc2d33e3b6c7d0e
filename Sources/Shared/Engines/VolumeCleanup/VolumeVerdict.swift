import Contract

/// What became of one disk.
struct VolumeVerdict: Sendable, Hashable {
    enum Finding: String, Sendable, CaseIterable {
        // Left alone
        case inUse = "in_use"
        case conflictingState = "conflicting_state"
        case conflictingDescriptions = "conflicting_descriptions"
        case creating, deleting, error
        case stateUnknown = "state_unknown"
        case ignoredByTag = "ignored_by_tag"
        case keepTag = "keep_tag"
        case snapshotInProgress = "snapshot_in_progress"
        case fastRestore = "fast_restore"
        case imageRoot = "ami_root"
        case hasSnapshots = "has_snapshots"
        case createdInFuture = "created_in_future"
        case withinGrace = "within_grace"
        case detachUnknown = "detach_time_unknown"
        // Wanted by a cluster
        case bound = "pv_bound"
        case available = "pv_available"
        case unclear = "pv_phase_unknown"
        case claimPending = "pvc_pending"
        case claimed = "pvc_exists"
        case scaledDown = "statefulset_scaled_down"
        // For people to look at
        case retained = "pv_released_retain"
        case released = "pv_released"
        case failed = "pv_failed"
        case otherCluster = "cluster_not_supplied"
        case noVolumeList = "persistent_volumes_not_supplied"
        case unreadableVolumes = "persistent_volumes_unreadable"
        case snapshotCostsMore = "snapshot_costs_more"
        // Deleted, slowly
        case zombie

        var needsReview: Bool {
            switch self {
            case .retained, .released, .failed, .otherCluster, .noVolumeList, .unreadableVolumes, .snapshotCostsMore:
                true
            default: false
            }
        }
    }

    var volume: EBSVolume
    var finding: Finding
    var detail: String?
    var unattached: UnattachedTime?
    /// The newest completed snapshot, where one is newer than the last use.
    var recentSnapshot: String?
    var isOfCluster = false
    /// Days without attachment that it takes.
    var graceDays = 0.0

    var requiresSnapshot: Bool { recentSnapshot == nil }
    /// Whether our own history of it begins or goes on with this answer.
    var isUnattached: Bool { volume.isUnattached && finding != .conflictingDescriptions }
}
