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
        search.placePending()
        let relaxed = RelaxedProblem(search.state, candidates: search.candidates)
        let bound = relaxed.map {
            PackBound($0, search.state, candidates: search.candidates, steps: Self.boundSteps(limit))
        }
        self.bound = bound ?? PackBound()
        search.floor = self.bound.cost
        let idle = Self.idle(search, options)
        let plain = Self.explore(&search, relaxed, Self.boundSteps(limit)) ?? Solution(plan: idle, cost: costBefore)
        let replaced = Self.replace(&search, plain, market, prices)
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

    /// The plan that moves nothing and says where waiting pods are expected.
    private static func idle(_ search: PackSearch, _ options: PackOptions) -> DrainPlan {
        DrainPlanner.plan(from: search.start, to: search.state, .together, options) ?? DrainPlan(end: search.start)
    }

    /// The cheapest plan; the search stays where it leads.
    private static func explore(_ search: inout PackSearch, _ relaxed: RelaxedProblem?, _ steps: Int) -> Solution? {
        solve(&search, relaxed, steps)
        if search.plan == nil {
            // Waiting pods found no place on nodes that stay: now they stay where they are put first.
            var frozen = PackSearch(search.model, search.options, steps: search.steps)
            frozen.freezesPending = true
            frozen.placePending()
            frozen.floor = search.floor
            solve(&frozen, nil, steps)
            search = frozen
        }
        var greedy = PlainGreedy(search.start, search.fleet)
        search.offer(greedy.run(search.candidates))
        guard let plan = search.plan else { return nil }
        search.state = plan.end
        search.state.forgetJournal()
        return Solution(plan: plan, cost: search.cost(plan.end))
    }

    private static func solve(_ search: inout PackSearch, _ relaxed: RelaxedProblem?, _ steps: Int) {
        search.removeGreedily()
        _ = search.settle(isPartial: true)
        if let relaxed { relax(&search, relaxed, steps) }
        search.improve()
        if search.isLarge { _ = search.settle(isPartial: true) }
    }

    /// Once more from the packing without terms.
    private static func relax(_ search: inout PackSearch, _ relaxed: RelaxedProblem, _ steps: Int) {
        guard search.cost > search.floor, !search.steps.isExhausted else { return }
        let before = search.state
        let found = VectorPacker.pack(relaxed.problem, budget: StepBudget(limit: steps)).packing
        let cost = search.cost
        search.state = search.placed
        let goal = RelaxedGoal(found, relaxed, search.state, sizes: search.weights)
        guard search.adopt(goal, relaxed, below: cost) else {
            search.state = before
            return
        }
        search.removeRepeatedly()
        if search.isLarge { return }
        _ = search.settle(isPartial: true)
        search.returnToPlan()
    }

    private static func replace(
        _ search: inout PackSearch,
        _ plain: Solution,
        _ market: RegionMarket,
        _ prices: PriceList
    ) -> Solution? {
        let model = search.model
        guard search.options.allowsReplacement, model.nodes.count > model.nodeCount else { return nil }
        let catalogue = ReplacementCatalogue(model, search.options, market, prices)
        // A share of its own: a search that used everything up must not hide a cheaper machine.
        let main = search.steps
        search.steps = SearchSteps(limit: main.used + main.limit / 4)
        search.steps.spend(main.used)
        guard let replacement = search.replace(catalogue) else { return nil }
        let end = search.state
        for strategy in DrainPlanner.Strategy.allCases {
            guard let plan = search.plan(to: end, replacement, strategy), plan.abandoned.isEmpty else { continue }
            let cost = search.cost(plan.end) + replacement.price
            return cost < plain.cost ? Solution(plan: plan, replacement: replacement, cost: cost) : nil
        }
        return nil
    }
}
