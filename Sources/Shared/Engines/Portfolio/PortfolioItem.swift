/// A pool that nodes can be taken from: spot of one type in one zone, or on-demand of one type.
package struct PortfolioItem: Sendable, Hashable {
    package var instanceType: String
    /// Nothing for on-demand, which may run in any zone, and where no zone is known.
    package var zone: String?
    package var isSpot: Bool
    /// USD per month that the plan minimises: with the expected cost of interruptions for spot.
    package var cost: Double
    /// What one node adds.
    package var capacity: SpotRequest.Demand
    package var safety: Double
    package var interruptionProbability: Double
    /// USD per hour that is really paid.
    package var hourlyPrice: Double

    package init(
        instanceType: String,
        zone: String?,
        isSpot: Bool,
        cost: Double,
        capacity: SpotRequest.Demand,
        safety: Double,
        interruptionProbability: Double,
        hourlyPrice: Double
    ) {
        self.instanceType = instanceType
        self.zone = zone
        self.isSpot = isSpot
        self.cost = cost
        self.capacity = capacity
        self.safety = safety
        self.interruptionProbability = interruptionProbability
        self.hourlyPrice = hourlyPrice
    }

    /// Cheapest first, then by name and zone: a total order over different pools.
    package static func precedes(_ left: PortfolioItem, _ right: PortfolioItem) -> Bool {
        (left.cost, left.instanceType, left.zone ?? "") < (right.cost, right.instanceType, right.zone ?? "")
    }
}

/// The limits a portfolio keeps.
package struct PortfolioLimits: Sendable, Hashable {
    package var maximumPoolShare: Double
    package var minimumOnDemandShare: Double
    package var minimumZones: Int
    package var targetTypes: Int

    package init(_ policy: SpotPolicy = .standard) {
        maximumPoolShare = policy.maximumPoolShare
        minimumOnDemandShare = policy.minimumOnDemandShare
        minimumZones = policy.minimumZones
        targetTypes = policy.targetTypes
    }

    /// Most nodes one spot pool may hold among that many; the tiny addend keeps 0.2 × 5 from becoming 0.
    package func poolCap(_ nodes: Int) -> Int { Int((maximumPoolShare * Double(nodes) + 1e-9).rounded(.down)) }

    /// Fewest on-demand nodes among that many.
    package func onDemandFloor(_ nodes: Int) -> Int {
        Int((minimumOnDemandShare * Double(nodes) - 1e-9).rounded(.up))
    }
}

/// How many nodes of each item.
package struct PortfolioPlan: Sendable, Hashable {
    package struct Allocation: Sendable, Hashable {
        package var item: PortfolioItem
        package var count: Int

        package init(item: PortfolioItem, count: Int) {
            self.item = item
            self.count = count
        }
    }

    /// Only items with at least one node, in the order of the items.
    package var allocations: [Allocation]

    package init(allocations: [Allocation]) { self.allocations = allocations }

    package var nodes: Int { allocations.reduce(0) { $0 + $1.count } }
    package var onDemandNodes: Int { allocations.reduce(0) { $0 + ($1.item.isSpot ? 0 : $1.count) } }
    /// USD per month, expected cost of interruptions included.
    package var cost: Double { allocations.reduce(0) { $0 + $1.item.cost * Double($1.count) } }
    /// USD per hour really paid.
    package var hourlyPrice: Double { allocations.reduce(0) { $0 + $1.item.hourlyPrice * Double($1.count) } }
    package var spot: [Allocation] { allocations.filter(\.item.isSpot) }
}
