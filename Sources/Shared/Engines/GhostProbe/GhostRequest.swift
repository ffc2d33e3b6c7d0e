import Contract

/// What a caller asks the ghost probe, checked: machines on one side, nodes on the other.
struct GhostRequest: Sendable, Hashable {
    /// Kept apart so that tests and callers can see what an answer rests on.
    struct Policy: Sendable, Hashable {
        /// Younger machines may still join.
        var graceHours = 24.0
        /// Younger ones are certainly still booting.
        var bootMinutes = 15.0
        /// Apart enough for a node that restarts to be back.
        var hoursBetweenScans = 1.0
        /// Beyond this share of the cluster's machines the input is more likely wrong than the cluster.
        var largestGhostShare = 0.30
    }

    var region = ""
    var regionField: String?
    var policy = Policy()
    var instances: [EC2Instance] = []
    /// Ids that are described in two ways, or that could not be read in full.
    var unclear: Set<String> = []
    var roster = NodeRoster()
    /// The cluster's name as the caller states it for this purpose.
    var clusterName: String?
    /// Other names the request carries, which count only where tags bear them out.
    var possibleNames: [String] = []
    var ignore = TagGuard(TagGuard.standard)
    var scans = MissingHistory()
    /// Disks by id, for their prices; empty when none were supplied.
    var volumes: [String: EBSVolume] = [:]
    /// Addresses that stay when their machine goes.
    var elasticAddresses: Set<String> = []
    var servicePrices = ServicePriceOverrides()
    var itemProblems: [ItemProblem] = []
    var warnings: [String] = []
    var assumed: [String] = []
    var explains = false
}

/// Since when machines have been missing from the node list, from earlier scans.
struct MissingHistory: Sendable, Hashable {
    /// When the earlier scan took place; nothing without one.
    var scannedAt: Timestamp?
    /// Machines that were missing then; nothing when the scan does not tell.
    var missingThen: Set<String>?
    var firstMissing: [String: Timestamp] = [:]

    var isEmpty: Bool { scannedAt == nil && firstMissing.isEmpty }

    /// When the machine was first seen to be missing, without a sign of life since; nothing when it is new.
    ///
    /// Times after `now` are no history.
    func since(_ id: String, now: Timestamp) -> Timestamp? {
        if let missingThen, !missingThen.contains(id) { return nil }
        let known = firstMissing[id].flatMap { $0 <= now ? $0 : nil }
        let scan = missingThen == nil ? nil : scannedAt.flatMap { $0 <= now ? $0 : nil }
        guard let known, let scan else { return known ?? scan }
        return min(known, scan)
    }
}
