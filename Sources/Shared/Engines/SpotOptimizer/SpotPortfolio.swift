import Contract

/// Builds a portfolio from the candidates and reports it.
struct SpotPortfolio {
    /// Types beyond the best few by any measure never enter an optimal plan of ten types, and each costs time.
    private static let typesPerMeasure = 10
    private static let zonesPerType = 3

    let plan: PortfolioPlan?
    /// Why there is none.
    let obstacle: String?
    private let request: SpotRequest
    private let policy: SpotPolicy
    private let demand: SpotRequest.Demand
    private let items: [PortfolioItem]

    init(_ request: SpotRequest, _ evaluation: SpotEvaluation, _ policy: SpotPolicy) {
        self.request = request
        self.policy = policy
        demand = request.total
        items = Self.items(evaluation, demand, policy)
        let limits = PortfolioLimits(policy)
        if !items.contains(where: \.isSpot) {
            (plan, obstacle) = (nil, "no_spot_pool_passes")
        } else if let nodes = request.nodeCount, limits.poolCap(nodes) == 0 {
            (plan, obstacle) = (nil, "too_few_nodes_for_the_pool_share")
        } else {
            plan = PortfolioSolver(items: items, demand: demand, limits: limits).solve(nodes: request.nodeCount)
            obstacle = plan == nil ? "limits_cannot_be_met_together" : nil
        }
    }

    // MARK: Items

    private static func items(
        _ evaluation: SpotEvaluation,
        _ demand: SpotRequest.Demand,
        _ policy: SpotPolicy
    ) -> [PortfolioItem] {
        let spot = evaluation.passing.filter { $0.onDemand != nil && $0.pools.first?.price != nil }
        // A pool may be dearer by zone and still be needed for the spread.
        let chosen = best(spot, demand) { $0.pools.first?.expectedMonthlyCost ?? .infinity }
        let onDemand = best(evaluation.onDemand, demand) { ($0.onDemand ?? .infinity) * policy.hoursPerMonth }
        return chosen.flatMap { candidate in
            candidate.pools.prefix(zonesPerType).compactMap { pool in
                pool.price.map { item(candidate.spec, pool, price: $0, pool.expectedMonthlyCost ?? .infinity) }
            }
        }
            + onDemand.compactMap { candidate in
                candidate.onDemand.map { item(candidate.spec, nil, price: $0, $0 * policy.hoursPerMonth) }
            }
    }

    private static func item(_ spec: InstanceSpec, _ pool: SpotPool?, price: Double, _ cost: Double) -> PortfolioItem {
        PortfolioItem(
            instanceType: spec.name,
            zone: pool?.zone,
            isSpot: pool != nil,
            cost: cost,
            capacity: .init(
                millicores: spec.allocatableMillicores,
                mebibytes: spec.allocatableMiB,
                pods: spec.maximumPods
            ),
            safety: pool?.score.safety ?? 1,
            interruptionProbability: pool?.score.interruptionProbability ?? 0,
            hourlyPrice: price
        )
    }

    /// The union of the best types by node and, where capacity is asked for, by each unit of it.
    private static func best(
        _ candidates: [SpotCandidate],
        _ demand: SpotRequest.Demand,
        cost: (SpotCandidate) -> Double
    ) -> [SpotCandidate] {
        var measures: [(SpotCandidate) -> Double] = []
        if demand.millicores > 0 {
            measures.append { Double($0.spec.allocatableMillicores) / Double(demand.millicores) }
        }
        if demand.mebibytes > 0 { measures.append { Double($0.spec.allocatableMiB) / Double(demand.mebibytes) } }
        if demand.pods > 0 { measures.append { Double($0.spec.maximumPods) / Double(demand.pods) } }
        if measures.count > 1 {
            let single = measures
            measures.append { candidate in single.reduce(0) { $0 + $1(candidate) } }
        }
        if measures.isEmpty { measures.append { _ in 1 } }
        var names: Set<String> = []
        for measure in measures {
            let ordered = candidates.map { (cost($0) / max(measure($0), 1e-12), $0.name) }.sorted { $0 < $1 }
            names.formUnion(ordered.prefix(typesPerMeasure).map(\.1))
        }
        return candidates.filter { names.contains($0.name) }
    }

    // MARK: Report

    /// Saved per month against the same nodes on demand.
    func monthlySavings(_ evaluation: SpotEvaluation) -> Double {
        guard let plan else { return 0 }
        let prices = Dictionary(
            evaluation.onDemand.compactMap { c in c.onDemand.map { (c.name, $0) } },
            uniquingKeysWith: { $1 }
        )
        let hourly = plan.spot.reduce(0.0) { sum, allocation in
            sum + Double(allocation.count) * ((prices[allocation.item.instanceType] ?? 0) - allocation.item.hourlyPrice)
        }
        return hourly * policy.hoursPerMonth
    }

    /// The portfolio in the shape the Core Platform's safety check reads, with its measures.
    var json: JSONValue {
        guard let plan else {
            return ["feasible": false, "reason": .optional(obstacle), "pools": [], "on_demand_count": 0]
        }
        let onDemand = plan.allocations.filter { !$0.item.isSpot }
        return [
            "feasible": true,
            "requires_approval": .bool(request.workload == .stateful),
            "pools": .array(plan.spot.map(pool)),
            "on_demand_count": .integer(Int64(plan.onDemandNodes)),
            "on_demand_instance_type": .optional(onDemand.first?.item.instanceType),
            "on_demand": .array(onDemand.map(pool)),
            "total_capacity": .integer(Int64(plan.nodes)),
            "capacity": capacity(plan),
            "monthly_cost": .rounded(plan.hourlyPrice * policy.hoursPerMonth, 2),
            "expected_monthly_cost": .rounded(plan.cost, 2),
            "risk": risk(plan),
            "limits": limits(plan),
            "flexible_instance_types": .array(
                Set(items.filter(\.isSpot).map(\.instanceType)).sorted().map { .string($0) }
            ),
        ]
    }

    private func pool(_ allocation: PortfolioPlan.Allocation) -> JSONValue {
        [
            "instance_type": .string(allocation.item.instanceType),
            "availability_zone": .optional(allocation.item.zone),
            "allocation_count": .integer(Int64(allocation.count)),
            "risk_score": .rounded(allocation.item.safety, 6),
            "interruption_probability": .double(allocation.item.interruptionProbability),
            "hourly_price": .rounded(allocation.item.hourlyPrice, 6),
        ]
    }

    private func capacity(_ plan: PortfolioPlan) -> JSONValue {
        func sum(_ pick: (SpotRequest.Demand) -> Int) -> JSONValue {
            .integer(Int64(plan.allocations.reduce(0) { $0 + pick($1.item.capacity) * $1.count }))
        }
        return [
            "cpu_millicores": sum { $0.millicores }, "memory_mib": sum { $0.mebibytes }, "pods": sum { $0.pods },
        ]
    }

    private func risk(_ plan: PortfolioPlan) -> JSONValue {
        let risk = PortfolioRisk(plan)
        var loss = JSONObject()
        for percent in [10, 20, 33, 50] {
            let probability = risk.probabilityOfLosing(atLeast: Double(percent) / 100)
            loss["at_least_\(percent)_percent"] = .rounded(probability, 9)
        }
        return [
            "max_pool_share": .rounded(risk.maximumPoolShare, 6),
            "max_pool_share_of_cpu": .rounded(risk.maximumPoolShareOfCPU, 6),
            "herfindahl_index": .rounded(risk.herfindahl, 6),
            "loss_probability_per_month": .object(loss),
            "assumption": "pools fail independently and as a whole",
        ]
    }

    private func limits(_ plan: PortfolioPlan) -> JSONValue {
        func limit(_ bound: Double, _ value: Double, _ isMet: Bool) -> JSONValue {
            ["limit": .rounded(bound, 4), "value": .rounded(value, 6), "met": .bool(isMet)]
        }
        let nodes = Double(max(1, plan.nodes))
        let share = Double(plan.onDemandNodes) / nodes
        let largest = Double(plan.spot.map(\.count).max() ?? 0) / nodes
        let safety = plan.spot.map(\.item.safety).min() ?? 1
        let least = request.minimumSafety ?? policy.minimumSafety
        let zones = Set(plan.spot.compactMap(\.item.zone)).count
        return [
            "min_safety": limit(least, safety, safety >= least),
            "min_zones": limit(Double(policy.minimumZones), Double(zones), zones >= policy.minimumZones),
            "max_pool_share": limit(policy.maximumPoolShare, largest, largest <= policy.maximumPoolShare + 1e-9),
            "min_on_demand_share": limit(
                policy.minimumOnDemandShare,
                share,
                share >= policy.minimumOnDemandShare - 1e-9
            ),
        ]
    }
}
