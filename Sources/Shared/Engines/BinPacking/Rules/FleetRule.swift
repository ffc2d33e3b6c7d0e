/// What must hold for the nodes as a whole: the caller's constraints, not Kubernetes'.
///
/// What was broken when the cluster came need not be mended, but must not get worse.
struct FleetRule: Sendable {
    private let options: PackOptions
    private let zoneFloor: [Int]
    private let zonesBefore: Int
    private let nodesBefore: Int
    private let spotBefore: Int

    init(_ start: Placement, _ options: PackOptions) {
        self.options = options
        zoneFloor = start.aliveIn.map { min($0, options.minimumNodesPerZone) }
        zonesBefore = start.aliveIn.count { $0 > 0 }
        nodesBefore = start.aliveCount
        spotBefore = start.aliveSpot
    }

    func violation(_ state: Placement) -> String? {
        for (zone, count) in state.aliveIn.enumerated() where count < zoneFloor[zone] { return "min_nodes_per_zone" }
        if options.minimumZones > 0, state.aliveIn.count(where: { $0 > 0 }) < min(zonesBefore, options.minimumZones) {
            return "min_zones"
        }
        if state.aliveCount < min(nodesBefore, options.minimumNodes) { return "min_nodes" }
        if let most = options.maximumNodes, state.closedCount > most { return "max_nodes" }
        if let most = options.maximumMoves, state.moved > most { return "max_moves" }
        return spotViolation(state)
    }

    /// Shares are compared as products, so that no rounding decides.
    private func spotViolation(_ state: Placement) -> String? {
        guard let most = options.maximumSpotShare, state.aliveCount > 0 else { return nil }
        let isWithin = Double(state.aliveSpot) <= most * Double(state.aliveCount)
        let isNoWorse = state.aliveSpot * nodesBefore <= spotBefore * state.aliveCount
        return isWithin || isNoWorse ? nil : "max_spot_share"
    }
}

extension Placement {
    /// Existing nodes that are gone.
    var closedCount: Int { model.nodeCount - isAlive.prefix(model.nodeCount).count { $0 } }
}
