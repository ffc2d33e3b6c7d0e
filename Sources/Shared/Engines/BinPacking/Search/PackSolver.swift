/// From a compiled cluster to a plan: search, bound, replacement, and an order to carry it out.
struct PackSolver: Sendable {
    /// What came of it.
    struct Solution: Sendable {
        var plan: DrainPlan
        var replacement: Replacement?
        /// Billionths of a USD per hour of the nodes that can be drained, the replacement included.
        var cost: Int64

        func isBetter(than other: Solution?) -> Bool {
            guard let other else { return true }
            let left = (cost, plan.abandoned.count, plan.moves.count)
            return left < (other.cost, other.plan.abandoned.count, other.plan.moves.count)
        }
    }

    let model: PackModel
    let start: Placement
    let solution: Solution
    /// The best without a new node, when one is used.
    let withoutReplacement: Solution?
    let bound: PackBound
    let unplaced: [Int]
    let steps: Int
    let stepLimit: Int
    let candidates: [Int]
    let costBefore: Int64
    let isExhausted: Bool

    init(_ model: PackModel, _ options: PackOptions, _ market: RegionMarket, _ prices: PriceList) {
        self.model = model
        let limit = SearchSteps.limit(pods: model.pods.count, nodes: model.nodeCount, options)
        stepLimit = limit
        var search = PackSearch(model, options, steps: SearchSteps(limit: limit))
        start = search.state
        costBefore = search.cost
        candidates = search.candidates
        search.placePending()
        bound = PackBound(search.state, candidates: search.candidates, steps: Self.boundSteps(limit))
        let plain =
            Self.explore(&search, start, options, bound.cost)
            ?? Solution(plan: DrainPlan(end: start), cost: costBefore)
        let replaced = Self.replace(&search, plain, start, options, market, prices)
        steps = search.steps.used
        isExhausted = search.steps.isExhausted
        let solution = replaced ?? plain
        self.solution = solution
        withoutReplacement = replaced == nil ? nil : plain
        unplaced = model.pods.indices.filter { model.pods[$0].role == .pending && solution.plan.end.nodeOf[$0] < 0 }
    }

    /// The bound's steps are much smaller ones; about half a second at most.
    private static func boundSteps(_ limit: Int) -> Int {
        min(200_000_000, limit.multipliedReportingOverflow(by: 8).partialValue)
    }

    /// Searches that stopped for want of an order of steps are repeated so often without the nodes in question.
    private static let rounds = 4

    /// The cheapest plan of a few rounds; the last search stays in `search`.
    private static func explore(
        _ search: inout PackSearch,
        _ start: Placement,
        _ options: PackOptions,
        _ floor: Int64
    ) -> Solution? {
        let model = search.model
        let all = search.candidates
        var excluded: Set<Int> = []
        var best: Solution?
        for round in 0..<rounds {
            if round > 0 {
                var next = PackSearch(model, options, steps: search.steps, excluding: excluded)
                // Where waiting pods found no place on nodes that stay, they stay where they are put first.
                next.freezesPending = best == nil
                next.placePending()
                search = next
            }
            search.floor = floor
            let found = solve(&search, start, options, all)
            if let found, found.isBetter(than: best) { best = found }
            let abandoned = found?.plan.abandoned ?? []
            if let found, found.plan.abandoned.isEmpty { break }
            if found != nil, abandoned.allSatisfy(excluded.contains) { break }
            excluded.formUnion(abandoned)
        }
        return best
    }

    private static func solve(
        _ search: inout PackSearch,
        _ start: Placement,
        _ options: PackOptions,
        _ candidates: [Int]
    ) -> Solution? {
        var best: Solution?
        search.removeGreedily()
        let greedy = search.state
        search.improve()
        for end in [search.state, greedy] {
            for strategy in DrainPlanner.Strategy.allCases {
                guard let solution = plan(start, end, nil, search, strategy, options, candidates) else { continue }
                if solution.isBetter(than: best) { best = solution }
                if solution.plan.abandoned.isEmpty { return best }
            }
        }
        return best
    }

    private static func plan(
        _ start: Placement,
        _ end: Placement,
        _ replacement: Replacement?,
        _ search: PackSearch,
        _ strategy: DrainPlanner.Strategy,
        _ options: PackOptions,
        _ candidates: [Int]
    ) -> Solution? {
        let room = replacement.map { (slot: $0.slot, room: $0.room) }
        guard let plan = DrainPlanner.plan(from: start, to: end, replacement: room, strategy, options),
            plan.end.brokenAffinity == 0, plan.end.isSpread, search.fleet.violation(plan.end) == nil
        else { return nil }
        var cost = replacement?.price ?? 0
        for node in candidates where plan.end.isAlive[node] { cost += search.model.nodes[node].price ?? 0 }
        return Solution(plan: plan, replacement: replacement, cost: cost)
    }

    private static func replace(
        _ search: inout PackSearch,
        _ plain: Solution,
        _ start: Placement,
        _ options: PackOptions,
        _ market: RegionMarket,
        _ prices: PriceList
    ) -> Solution? {
        let model = search.model
        guard options.allowsReplacement, model.nodes.count > model.nodeCount else { return nil }
        let all = model.nodes.indices.filter { $0 < model.nodeCount && model.nodes[$0].blocks.isEmpty }
        let catalogue = ReplacementCatalogue(model, options, market, prices)
        // A share of its own: a search that used everything up must not hide a cheaper machine.
        let main = search.steps
        search.steps = SearchSteps(limit: main.used + main.limit / 4)
        search.steps.spend(main.used)
        guard let replacement = search.replace(catalogue),
            let solution = plan(start, search.state, replacement, search, .together, options, all),
            solution.plan.abandoned.isEmpty,
            solution.cost < plain.cost
        else { return nil }
        return solution
    }
}
