/// Looks through all plans of a few pools for one cheaper than the best known, within a fixed effort.
///
/// Local search alone stops up to a tenth above the optimum on an occasional small case, where pools of different sizes
/// must fit together exactly. There are few enough combinations there to bound and search them.
struct PortfolioSearch {
    /// Beyond this many items the effort would run out before the search has said anything.
    static let maximumItems = 20

    /// Branches per number of nodes: about two milliseconds, and enough to finish with a dozen pools and ten nodes.
    private static let effort = 40_000

    private let items: [PortfolioItem]
    private let demand: SpotRequest.Demand
    /// The most that any item from an index on can add, for giving up early.
    private let most: [SpotRequest.Demand]
    private let onDemandAfter: [Bool]
    private var best: PortfolioState?
    private var bestCost: Double
    private var left = PortfolioSearch.effort

    /// - Parameters:
    ///   - state: A plan with no nodes placed yet; its items are in order of cost.
    ///   - cost: What to beat.
    init(_ state: PortfolioState, cheaperThan cost: Double) {
        items = state.items
        demand = state.demand
        bestCost = cost
        var most: [SpotRequest.Demand] = []
        var onDemandAfter: [Bool] = []
        var running = SpotRequest.Demand()
        var hasOnDemand = false
        for item in state.items.reversed() {
            running.millicores = max(running.millicores, item.capacity.millicores)
            running.mebibytes = max(running.mebibytes, item.capacity.mebibytes)
            running.pods = max(running.pods, item.capacity.pods)
            hasOnDemand = hasOnDemand || !item.isSpot
            most.append(running)
            onDemandAfter.append(hasOnDemand)
        }
        self.most = most.reversed()
        self.onDemandAfter = onDemandAfter.reversed()
    }

    /// Returns the cheapest plan found below the cost to beat.
    mutating func run(_ state: PortfolioState) -> PortfolioState? {
        var state = state
        place(0, state.nodes, &state)
        return best
    }

    private mutating func place(_ index: Int, _ nodes: Int, _ state: inout PortfolioState) {
        guard left > 0 else { return }
        left -= 1
        if nodes == 0 {
            if state.onDemand >= state.onDemandFloor, state.violation <= 1e-12, state.cost < bestCost - 1e-9 {
                best = state
                bestCost = state.cost
            }
            return
        }
        // Items come in order of cost: the rest costs at least this much.
        guard index < items.count, state.cost + Double(nodes) * items[index].cost < bestCost - 1e-9 else { return }
        guard state.canStillCover(with: most[index], nodes: nodes) else { return }
        if state.onDemand < state.onDemandFloor, !onDemandAfter[index] { return }
        let room = items[index].isSpot ? min(nodes, state.poolCap) : nodes
        for count in stride(from: room, through: 0, by: -1) {
            if count > 0 { state.add(count, of: index) }
            place(index + 1, nodes - count, &state)
            if count > 0 { state.add(-count, of: index) }
        }
    }
}
