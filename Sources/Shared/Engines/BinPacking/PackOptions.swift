import Contract

/// What the caller allows and wants, with the defaults for what was not said.
package struct PackOptions: Sendable, Hashable {
    package enum Policy: String, Sendable, CaseIterable, Hashable {
        /// Every saving counts.
        case savings
        /// A node goes only when its share of the savings is at least half its share of the disruption (Karpenter's k = 2).
        case balanced
    }

    package var policy = Policy.savings
    /// Only nodes used less than this are drained; nothing: all may be.
    package var threshold: Double?
    /// Share of cpu and memory that pods which come must leave free.
    package var headroom = 0.0
    package var maximumMoves: Int?
    package var maximumNodes: Int?
    package var allowsReplacement = true
    /// An on-demand node may be replaced by a spot one.
    package var allowsSpotReplacement = false
    package var allowsLocalStorage = false
    package var protectsSystemPods = false
    /// 0 to 1, of the nodes that are left.
    package var maximumSpotShare: Double?
    package var minimumNodesPerZone = 0
    package var minimumZones = 0
    /// A cluster without any node could not even take a pod that comes.
    package var minimumNodes = 1
    /// Steps of the search; nothing: from the input's size and the time budget.
    package var stepLimit: Int?
    package var timeBudgetMilliseconds: Int?
    package var maximumGraceSeconds = 90
    /// Nodes drained side by side in one wave.
    package var nodesPerWave = 10

    package init() {}

    /// Below this a node counts as under-used in the report (Cluster Autoscaler's and the reference's default).
    package static let underUse = 0.5
}
