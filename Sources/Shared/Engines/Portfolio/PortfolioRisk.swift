/// How much of a portfolio can vanish at once, when pools fail independently and a pool fails as a whole.
package struct PortfolioRisk: Sendable, Hashable {
    /// Largest share of all nodes in one spot pool.
    package let maximumPoolShare: Double
    /// The same measured by CPU, which differs when node sizes do.
    package let maximumPoolShareOfCPU: Double
    /// Sum of the squared shares of the spot pools: 1 means all eggs in one basket.
    package let herfindahl: Double
    private let lossProbabilities: [Double]  // index = nodes lost

    package init(_ plan: PortfolioPlan) {
        let nodes = max(1, plan.nodes)
        let cpu = max(1, plan.allocations.reduce(0) { $0 + $1.item.capacity.millicores * $1.count })
        let shares = plan.spot.map { Double($0.count) / Double(nodes) }
        maximumPoolShare = shares.max() ?? 0
        maximumPoolShareOfCPU =
            plan.spot.map { Double($0.item.capacity.millicores * $0.count) / Double(cpu) }.max() ?? 0
        herfindahl = shares.reduce(0) { $0 + $1 * $1 }
        // The distribution of a sum of independent losses, pool by pool.
        var distribution = [1.0] + Array(repeating: 0, count: nodes)
        for allocation in plan.spot {
            let probability = allocation.item.interruptionProbability
            for lost in stride(from: nodes, through: 0, by: -1) {
                let without = distribution[lost] * (1 - probability)
                let with = lost >= allocation.count ? distribution[lost - allocation.count] * probability : 0
                distribution[lost] = without + with
            }
        }
        lossProbabilities = distribution
    }

    /// The chance that at least that share of all nodes is lost within a month.
    package func probabilityOfLosing(atLeast share: Double) -> Double {
        let threshold = Int((share * Double(lossProbabilities.count - 1) - 1e-9).rounded(.up))
        return min(1, lossProbabilities.dropFirst(max(0, threshold)).reduce(0, +))
    }
}
