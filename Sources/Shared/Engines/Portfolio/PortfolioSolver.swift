/// Finds a cheap set of nodes that covers a demand within the safety limits.
///
/// For a fixed number of nodes all limits become plain bounds: so many nodes per pool at most, so many on demand at
/// least. The solver tries the plausible numbers of nodes; for each it fills greedily from the cheapest and then swaps
/// nodes, alone and in pairs, until no swap helps.
package struct PortfolioSolver {
    private let items: [PortfolioItem]
    private let demand: SpotRequest.Demand
    private let limits: PortfolioLimits

    /// - Parameters:
    ///   - items: The pools that may be used; their order does not matter.
    ///   - demand: What the nodes must offer together.
    ///   - limits: The shares and the spread to keep.
    package init(items: [PortfolioItem], demand: SpotRequest.Demand, limits: PortfolioLimits = .init()) {
        self.items = items.sorted(by: PortfolioItem.precedes)
        self.demand = demand
        self.limits = limits
    }

    /// The cheapest plan found, or nothing when no number of nodes meets every limit.
    ///
    /// - Parameter nodes: The exact number of nodes when the caller counts nodes.
    /// - Returns: A plan that covers the demand and keeps the limits.
    package func solve(nodes: Int? = nil) -> PortfolioPlan? {
        guard items.contains(where: \.isSpot), items.contains(where: { !$0.isSpot }) else { return nil }
        if let nodes { return searched(solution(nodes).map(refined), nodes)?.plan }
        let tried = nodeCounts()
        var best: PortfolioState?
        var bestCount = 0
        for count in tried { take(solution(count), count, &best, &bestCount) }
        guard best != nil || items.count <= PortfolioSearch.maximumItems else { return nil }
        // Between two tried numbers there may be a better one.
        let lower = tried.last { $0 < bestCount } ?? bestCount
        let upper = tried.first { $0 > bestCount } ?? bestCount
        for count in stride(from: lower + 1, to: upper, by: max(1, (upper - lower) / 24)) where count != bestCount {
            take(solution(count), count, &best, &bestCount)
        }
        var refined = best.map(self.refined)
        if items.count <= PortfolioSearch.maximumItems {
            for count in tried { refined = searched(refined, count) }
        }
        return refined?.plan
    }

    /// The better of the plan and of what a bounded search through all plans of that many nodes finds.
    private func searched(_ found: PortfolioState?, _ nodes: Int) -> PortfolioState? {
        let empty = PortfolioState(items: items, demand: demand, limits: limits, nodes: nodes)
        guard items.count <= PortfolioSearch.maximumItems, empty.poolCap > 0 else { return found }
        var search = PortfolioSearch(empty, cheaperThan: found?.cost ?? .infinity)
        return search.run(empty) ?? found
    }

    private func take(_ state: PortfolioState?, _ count: Int, _ best: inout PortfolioState?, _ bestCount: inout Int) {
        guard let state, state.cost < (best?.cost ?? .infinity) - 1e-9 else { return }
        best = state
        bestCount = count
    }

    /// Every number from the least that can hold the demand, then ever coarser steps, up to the smallest nodes' number.
    private func nodeCounts() -> [Int] {
        func needed(_ pick: (SpotRequest.Demand) -> Int, largest: Bool) -> Int {
            let want = pick(demand)
            let each = items.map { pick($0.capacity) }.filter { $0 > 0 }
            guard want > 0, let extreme = largest ? each.max() : each.min() else { return 0 }
            return (want + extreme - 1) / extreme
        }
        let picks: [(SpotRequest.Demand) -> Int] = [{ $0.millicores }, { $0.mebibytes }, { $0.pods }]
        let least = max(1, picks.map { needed($0, largest: true) }.max() ?? 1)
        let floor = Int((1 / limits.maximumPoolShare).rounded(.up))  // fewer nodes leave no room for any spot pool
        // A few more nodes than needed can be cheaper: the whole-number shares jump at multiples of five and twenty.
        let most = max(least, floor, picks.map { needed($0, largest: false) }.max() ?? 1) + floor
        var counts: [Int] = []
        var count = max(least, min(floor, most))
        var step = 1
        while count <= most, counts.count < 64 {
            counts.append(count)
            if counts.count % 16 == 0 { step *= 2 }
            if count > 64 { step = max(step, count / 16) }
            count += step
        }
        return counts
    }

    // MARK: One number of nodes

    private func solution(_ nodes: Int) -> PortfolioState? {
        var state = PortfolioState(items: items, demand: demand, limits: limits, nodes: nodes)
        guard state.poolCap > 0, fill(&state) else { return nil }
        improve(&state)
        return state.violation <= 1e-12 ? state : nil
    }

    /// Takes on-demand nodes up to their floor, one node of each of the cheapest types, then the cheapest pools.
    private func fill(_ state: inout PortfolioState) -> Bool {
        guard let onDemand = items.firstIndex(where: { !$0.isSpot }) else { return false }
        state.add(state.onDemandFloor, of: onDemand)
        var left = state.nodes - state.onDemandFloor
        var seen: Set<String> = []
        for index in items.indices where items[index].isSpot && left > 0 && seen.count < limits.targetTypes {
            guard seen.insert(items[index].instanceType).inserted else { continue }
            state.add(1, of: index)
            left -= 1
        }
        for index in items.indices where items[index].isSpot && left > 0 {
            let count = min(left, state.poolCap - state.counts[index])
            guard count > 0 else { continue }
            state.add(count, of: index)
            left -= count
        }
        // Too few pools to hold the rest within their shares: the rest is on demand.
        if left > 0 { state.add(left, of: onDemand) }
        return true
    }

    // MARK: Local search

    private func improve(_ state: inout PortfolioState) {
        // Each round strictly improves; the bound keeps a request with thousands of nodes light.
        for _ in 0..<Self.rounds {
            if improveBySwap(&state) { continue }
            if items.count <= Self.pairSwapItems, improveByPair(&state) { continue }
            return
        }
    }

    private static let rounds = 60

    /// Leaves a local optimum by a few arbitrary swaps and searches again, as often as the size allows.
    ///
    /// The swaps come from a fixed sequence: the same input gives the same plan.
    private func refined(_ found: PortfolioState) -> PortfolioState {
        var best = found
        var sequence: UInt64 = 0x9E37_79B9_7F4A_7C15
        func pick(_ bound: Int) -> Int {
            sequence = sequence &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((sequence >> 33) % UInt64(bound))
        }
        for _ in 0..<(items.count <= Self.pairSwapItems ? 40 : 6) {
            var state = best
            for _ in 0..<3 {
                let held = items.indices.filter { state.counts[$0] > 0 }
                let from = held[pick(held.count)]
                let to = pick(items.count)
                guard to != from, canSwap(state, from, to, 1) else { continue }
                state.add(-1, of: from)
                state.add(1, of: to)
            }
            improve(&state)
            if state.violation <= 1e-12, state.cost < best.cost - 1e-9 { best = state }
        }
        return best
    }

    /// Beyond this many pools the pairs of swaps grow too many for a light request.
    private static let pairSwapItems = 26

    /// Applies the best exchange of some nodes of one item for as many of another.
    private func improveBySwap(_ state: inout PortfolioState) -> Bool {
        var best: (from: Int, to: Int, count: Int)?
        var bestViolation = state.violation
        var bestCost = state.cost
        for from in items.indices where state.counts[from] > 0 {
            for to in items.indices where to != from {
                for count in Self.blocks(state.counts[from]) where canSwap(state, from, to, count) {
                    state.add(-count, of: from)
                    state.add(count, of: to)
                    if state.isBetter(thanViolation: bestViolation, cost: bestCost) {
                        best = (from, to, count)
                        bestViolation = state.violation
                        bestCost = state.cost
                    }
                    state.add(count, of: from)
                    state.add(-count, of: to)
                }
            }
        }
        guard let best else { return false }
        state.add(-best.count, of: best.from)
        state.add(best.count, of: best.to)
        return true
    }

    /// One node, half of them, all of them.
    private static func blocks(_ count: Int) -> [Int] {
        count < 2 ? [1] : (count < 4 ? [1, count] : [1, count / 2, count])
    }

    private func canSwap(_ state: PortfolioState, _ from: Int, _ to: Int, _ count: Int) -> Bool {
        guard state.hasRoom(to, for: count) else { return false }
        return items[from].isSpot || !items[to].isSpot || state.onDemand - count >= state.onDemandFloor
    }

    /// Applies the first improving exchange of two nodes for two others.
    private func improveByPair(_ state: inout PortfolioState) -> Bool {
        let violation = state.violation
        let cost = state.cost
        for first in items.indices where state.counts[first] > 0 {
            for second in items.indices where second >= first && state.counts[second] > (second == first ? 1 : 0) {
                state.add(-1, of: first)
                state.add(-1, of: second)
                for third in items.indices {
                    guard state.hasRoom(third) else { continue }
                    state.add(1, of: third)
                    for fourth in items.indices where fourth >= third && state.hasRoom(fourth) {
                        state.add(1, of: fourth)
                        if state.onDemand >= state.onDemandFloor,
                            state.isBetter(thanViolation: violation, cost: cost)
                        {
                            return true
                        }
                        state.add(-1, of: fourth)
                    }
                    state.add(-1, of: third)
                }
                state.add(1, of: first)
                state.add(1, of: second)
            }
        }
        return false
    }
}
