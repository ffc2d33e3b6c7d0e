/// A packing with what is proven about it.
package struct PackingResult: Sendable, Hashable {
    package var packing: Packing
    /// Cost of the packing's bins.
    package var cost: Int64
    /// No packing that places every item which fits some bin class costs less: proven, never above the optimum.
    package var lowerBound: Int64
    /// No packing places more items at this cost or the same items cheaper.
    package var isOptimal: Bool
    /// Steps done; at most about the budget.
    package var steps: Int

    package init(packing: Packing, cost: Int64, lowerBound: Int64, isOptimal: Bool, steps: Int) {
        self.packing = packing
        self.cost = cost
        self.lowerBound = lowerBound
        self.isOptimal = isOptimal
        self.steps = steps
    }
}

/// A proven lower bound alone.
package struct PackingBound: Sendable, Hashable {
    /// No packing that places every item which fits some bin class costs less.
    package var value: Int64
    /// The bound of all fractional packings was reached: more steps cannot raise it.
    package var isConverged: Bool
    /// Proven that the available bins cannot hold every item that fits some bin class.
    package var isInfeasible: Bool
    package var steps: Int

    package init(value: Int64, isConverged: Bool, isInfeasible: Bool = false, steps: Int) {
        self.value = value
        self.isConverged = isConverged
        self.isInfeasible = isInfeasible
        self.steps = steps
    }
}
