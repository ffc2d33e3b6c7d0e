import Contract

/// What became of one machine that the node list does not have.
struct GhostVerdict: Sendable, Hashable {
    /// Why it is what it is; the raw value is the reason code.
    enum Finding: String, Sendable, CaseIterable {
        // Nothing to do with ghosts
        case terminated
        case stateUnknown = "state_unknown"
        case conflictingDescriptions = "conflicting_descriptions"
        case ignoredByTag = "ignored_by_tag"
        case unrelated
        case otherCluster = "other_cluster"
        case clusterUnknown = "cluster_unknown"
        case severalClusters = "several_clusters"
        case controlPlane = "control_plane"
        case bastion
        case stopped
        case warmPool = "warm_pool"
        case standby
        case groupTransition = "asg_transition"
        // Missing, but nothing may be done yet
        case booting
        case launchUnknown = "launch_time_unknown"
        case withinGrace = "within_grace"
        case awaitingSecondScan = "awaiting_second_scan"
        // Missing for good
        case groupMember = "asg_member"
        case terminationProtected = "termination_protected"
        case sharedCluster = "shared_by_clusters"
        case ghost
    }

    enum Action: String, Sendable {
        case terminate
        case fixGroup = "fix_asg"
        case review
        /// Scan again later.
        case recheck
        case none

        /// Orders the answer: what can be done first.
        var rank: Int {
            switch self {
            case .terminate: 0
            case .fixGroup: 1
            case .review: 2
            case .recheck: 3
            case .none: 4
            }
        }
    }

    var instance: EC2Instance
    var finding: Finding
    /// A name, a tag, a time: what the finding rests on.
    var detail: String?
    var missingSince: Timestamp?

    var action: Action {
        switch finding {
        case .ghost: .terminate
        case .groupMember: .fixGroup
        case .terminationProtected, .sharedCluster: .review
        case .booting, .launchUnknown, .withinGrace, .awaitingSecondScan: .recheck
        default: .none
        }
    }

    /// Whether it looks like a ghost to the safety valve: running, the cluster's, and not among its nodes.
    ///
    /// One that is booting is not there yet for a good reason.
    var looksLikeGhost: Bool {
        switch finding {
        case .ghost, .groupMember, .terminationProtected, .sharedCluster, .launchUnknown, .withinGrace,
            .awaitingSecondScan:
            true
        default: false
        }
    }

    /// Whether its absence is worth remembering until the next scan.
    var isMissing: Bool { looksLikeGhost || finding == .booting }
}
