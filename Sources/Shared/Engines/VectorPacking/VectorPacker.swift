/// Vector packing: the cheapest bins for all items, and a proven bound of how cheap it can be at all.
package enum VectorPacker {
    /// The best packing found within the steps; the same problem and budget always give the same packing.
    package static func pack(_ problem: PackingProblem, budget: StepBudget = .standard) -> PackingResult {
        let instance = PackingInstance(problem)
        let meter = StepMeter(limit: budget.limit)
        var draft = SimplePackings.best(instance, meter: meter)
        let bound = VolumeBound.value(instance)
        draft = BinReduction.improved(draft, instance, bound: bound, meter: meter)
        let cost = draft.cost(instance)
        return PackingResult(
            packing: draft.packing(instance),
            cost: cost,
            lowerBound: bound,
            isOptimal: draft.unplacedCount == 0 && cost <= bound,
            steps: meter.used
        )
    }

    /// A proven lower bound of the cost without looking for a packing.
    package static func lowerBound(_ problem: PackingProblem, budget: StepBudget = .standard) -> PackingBound {
        let instance = PackingInstance(problem)
        return PackingBound(value: VolumeBound.value(instance), isConverged: false, steps: 0)
    }
}
