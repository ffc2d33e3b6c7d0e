/// The order of the strategies.
extension PackSearch {
    /// Beyond this many pods times nodes one greedy order is enough work.
    private static let large = 2_000_000

    /// Too large to plan the way to every improvement.
    var isLarge: Bool { model.pods.count.multipliedReportingOverflow(by: model.nodeCount).partialValue > Self.large }

    /// Removes nodes in several orders, each from the start, and keeps the best.
    mutating func removeGreedily() {
        removeEmpty()
        let start = state
        var best: PackSearch?
        let isLarge = isLarge
        for (number, rank) in Self.ranks.enumerated() where !isLarge || number < 2 {
            state = start
            removeRepeatedly(by: rank)
            let isBetter = best.map { (cost, state.moved) < ($0.cost, $0.state.moved) } ?? true
            if isBetter { best = self }
            best?.steps = steps
            // Most steps belong to what finds more.
            if cost <= floor || steps.used > steps.limit / 4 { break }
        }
        if let best { state = best.state }
    }

    /// Removes what can still go.
    mutating func removeRepeatedly() { removeRepeatedly(by: Self.ranks[0]) }

    private mutating func removeEmpty() {
        for node in candidates where state.isAlive[node] && movable(on: node).isEmpty {
            _ = remove(node)
        }
        state.forgetJournal()
    }

    private func price(_ node: Int) -> Double { Double(model.nodes[node].price ?? 0) }

    /// What makes a node a good one to remove, most of all first.
    private static let ranks: [@Sendable (PackSearch, Int) -> Double] = [
        { search, node in search.price(node) / search.disruption(node) },
        { search, node in search.price(node) / (0.05 + search.load(node)) },
        { search, node in -search.load(node) },
        { search, node in search.price(node) - search.load(node) / 1_000_000 },
    ]
}
