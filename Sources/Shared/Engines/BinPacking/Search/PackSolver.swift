/// From a compiled cluster to a plan: search, bound, replacement, and an order to carry it out.
struct PackSolver: Sendable {
    /// What came of it.
    struct Solution: Sendable {
        var plan: DrainPlan
        var replacement: Replacement?
        /// Billionths of a USD per hour of the nodes that can be drained, the replacement included.
        var cost: Int64
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
        let first = search
        search.placePending()
        unplaced = search.unplaced
        bound = PackBound(search.state, candidates: search.candidates, steps: limit * Self.boundStepsPerStep)
        search.floor = bound.cost
        var solutions = Self.explore(&search, start, options)
        if solutions.isEmpty {
            // Waiting pods found no place on nodes that stay: keep them where they were put first.
            var frozen = first
            frozen.steps = SearchSteps(limit: limit)
            frozen.freezesPending = true
            frozen.placePending()
            frozen.floor = bound.cost
            solutions = Self.explore(&frozen, start, options)
            search = frozen
        }
        let plain = Self.best(solutions) ?? Solution(plan: DrainPlan(end: start), cost: costBefore)
        let replaced = Self.replace(&search, plain, start, options, market, prices)
        steps = search.steps.used
        isExhausted = search.steps.isExhausted
        solution = replaced ?? plain
        withoutReplacement = replaced == nil ? nil : plain
    }

    /// The bound's steps are much smaller ones.
    private static let boundStepsPerStep = 8

    /// Plans for what the search finds, the later ones better or equal if an order for them exists.
    private static func explore(_ search: inout PackSearch, _ start: Placement, _ options: PackOptions) -> [Solution] {
        var solutions: [Solution] = []
        search.removeGreedily()
        let greedy = search.state
        search.improve()
        if let solution = plan(start, search.state, nil, search, options) { solutions.append(solution) }
        if solutions.first.map({ !$0.plan.abandoned.isEmpty }) ?? true {
            if let solution = plan(start, greedy, nil, search, options) { solutions.append(solution) }
        }
        return solutions
    }

    private static func plan(
        _ start: Placement,
        _ end: Placement,
        _ replacement: Replacement?,
        _ search: PackSearch,
        _ options: PackOptions
    ) -> Solution? {
        let room = replacement.map { (slot: $0.slot, room: $0.room) }
        guard let plan = DrainPlanner.plan(from: start, to: end, replacement: room, options),
            plan.end.brokenAffinity == 0, plan.end.isSpread, search.fleet.violation(plan.end) == nil
        else { return nil }
        var cost = replacement?.price ?? 0
        for node in search.candidates where plan.end.isAlive[node] { cost += search.model.nodes[node].price ?? 0 }
        return Solution(plan: plan, replacement: replacement, cost: cost)
    }

    private static func best(_ solutions: [Solution]) -> Solution? {
        solutions.enumerated().min {
            ($0.element.cost, $0.element.plan.moves.count, $0.offset)
                < ($1.element.cost, $1.element.plan.moves.count, $1.offset)
        }?.element
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
        let catalogue = ReplacementCatalogue(model, options, market, prices)
        // A share of its own: a search that used everything up must not hide a cheaper machine.
        let main = search.steps
        search.steps = SearchSteps(limit: main.used + main.limit / 4)
        search.steps.spend(main.used)
        guard let replacement = search.replace(catalogue),
            let solution = plan(start, search.state, replacement, search, options), solution.plan.abandoned.isEmpty,
            solution.cost < plain.cost
        else { return nil }
        return solution
    }
}
