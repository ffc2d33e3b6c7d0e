/// What no plan can go below: the cheapest fractional packing of all pods, whatever the terms between pods are.
struct PackBound: Sendable {
    /// Billionths of a USD per hour of the nodes that could be drained.
    var cost: Int64 = 0
    /// Nodes that are left, those that stay anyway included.
    var nodes: Int64 = 0
    var isConverged = false

    /// Nothing is proven.
    init() {}

    /// - Parameters:
    ///   - relaxed: The packing without terms.
    ///   - placed: The state it was made from.
    ///   - candidates: Nodes that may go.
    ///   - steps: Elementary steps of the bound's own search.
    init(_ relaxed: RelaxedProblem, _ placed: Placement, candidates: [Int], steps: Int) {
        let model = placed.model
        let cost = VectorPacker.lowerBound(relaxed.problem, budget: StepBudget(limit: steps / 2))
        let count = VectorPacker.lowerBound(relaxed.counted, budget: StepBudget(limit: steps / 2))
        let least = count.isInfeasible ? 0 : max(0, count.value)
        let value = cost.isInfeasible ? 0 : max(0, cost.value)
        self.cost =
            PriceLattice(candidates.map { model.nodes[$0].price ?? 0 })
            .leastSum(atLeast: value, count: least) ?? value
        let staying = placed.aliveCount - candidates.count { placed.isAlive[$0] }
        nodes = Int64(staying) + least
        isConverged = cost.isConverged && count.isConverged
    }
}
