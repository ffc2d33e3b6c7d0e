/// Vector packing: the cheapest bins for all items, and a proven bound of how cheap it can be at all.
package enum VectorPacker {
    /// The best packing found within the steps; the same problem and budget always give the same packing.
    package static func pack(_ problem: PackingProblem, budget: StepBudget = .standard) -> PackingResult {
        let instance = PackingInstance(problem)
        let meter = StepMeter(limit: budget.limit)
        var search = PackingSearch(instance, meter: meter)
        search.pack()
        return PackingResult(
            packing: search.best.packing(instance),
            cost: search.best.cost(instance),
            lowerBound: search.bound,
            isOptimal: search.isDone,
            steps: meter.used
        )
    }

    /// A proven lower bound of the cost; packings are only a means to it.
    package static func lowerBound(_ problem: PackingProblem, budget: StepBudget = .standard) -> PackingBound {
        let instance = PackingInstance(problem)
        let meter = StepMeter(limit: budget.limit)
        var search = PackingSearch(instance, meter: meter)
        search.raiseBound()
        return PackingBound(
            value: search.bound,
            isConverged: search.isConverged || search.isDone,
            isInfeasible: instance.isTooSmall(for: search.bound),
            steps: meter.used
        )
    }
}
