import Contract

/// What a caller asks the volume cleanup, checked: disks on one side, everything that may still want them on the other.
struct VolumeRequest: Sendable, Hashable {
    /// What becomes of a disk that has snapshots, which might be its backups.
    enum SnapshotPolicy: String, Sendable, CaseIterable {
        /// Left alone and reported: the documented rule.
        case exclude
        /// Deleted once there is a snapshot newer than its last use.
        case snapshotThenDelete = "snapshot_then_delete"
    }

    struct Policy: Sendable, Hashable {
        /// Days without attachment; the documented minimum.
        var graceDays = 7.0
        /// Days for disks that a cluster made: a claim may be bound again.
        var clusterGraceDays = 30.0
        /// Days between the mark and the deletion, for owners to object.
        var noticeDays = 7.0
        var snapshots = SnapshotPolicy.exclude
    }

    static let leastGraceDays = 7.0

    var region = ""
    var regionField: String?
    var policy = Policy()
    var volumes: [EBSVolume] = []
    /// Ids that are described in two ways, or that could not be read in full.
    var unclear: Set<String> = []
    /// Nothing when no list of snapshots was supplied, which is not the same as having none.
    var snapshots: [EBSSnapshot]?
    /// False when some of the list could not be read or was not sent: a disk may have snapshots all the same.
    var snapshotsAreComplete = true
    /// Snapshots that registered images boot from.
    var imageSnapshots: Set<String> = []
    var clusters: [SuppliedCluster] = []
    /// When each disk was last detached, as the caller knows it from its audit trail.
    var detached: [String: Timestamp] = [:]
    /// When each disk was first seen unattached, from earlier answers of ours.
    var firstSeen: [String: Timestamp] = [:]
    var ignore = TagGuard(TagGuard.standard)
    var servicePrices = ServicePriceOverrides()
    var itemProblems: [ItemProblem] = []
    var warnings: [String] = []
    var assumed: [String] = []
    var explains = false
}

/// A cluster whose storage objects were supplied.
struct SuppliedCluster: Sendable, Hashable {
    /// Names it is known by; empty when the request does not say.
    var names: [String] = []
    var state = ClusterState()
    /// False when the list of volumes was missing altogether, so that nothing follows from a disk's absence in it.
    var hasVolumeList = true
    /// Persistent volumes that could not be read: any disk could be theirs.
    var hasUnreadableVolumes = false
}
