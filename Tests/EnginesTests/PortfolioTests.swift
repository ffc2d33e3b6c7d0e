import Contract
import Engines
import OracleSupport
import Testing

@Suite("Portfolio")
struct PortfolioTests {
    /// The cheapest plan by trying every combination, for a few pools only.
    struct BruteForce {
        let items: [PortfolioItem]
        let demand: SpotRequest.Demand
        let limits = PortfolioLimits()
        var best: Double?

        mutating func search(nodes: Int) {
            var counts = Array(repeating: 0, count: items.count)
            place(0, nodes, nodes, 0, &counts)
        }

        private mutating func place(_ index: Int, _ left: Int, _ nodes: Int, _ cost: Double, _ counts: inout [Int]) {
            if let best, cost >= best { return }
            if index == items.count {
                if left == 0, PortfolioTests.isSound(items, counts, demand, limits) { best = cost }
                return
            }
            let most = items[index].isSpot ? min(left, limits.poolCap(nodes)) : left
            for count in 0...most {
                counts[index] = count
                place(index + 1, left - count, nodes, cost + Double(count) * items[index].cost, &counts)
            }
            counts[index] = 0
        }
    }

    /// An independent check of a plan against all limits and the demand.
    static func isSound(
        _ items: [PortfolioItem],
        _ counts: [Int],
        _ demand: SpotRequest.Demand,
        _ limits: PortfolioLimits
    ) -> Bool {
        let nodes = counts.reduce(0, +)
        var cpu = 0
        var memory = 0
        var pods = 0
        var onDemand = 0
        var types: Set<String> = []
        var zones: Set<String> = []
        for (item, count) in zip(items, counts) where count > 0 {
            cpu += item.capacity.millicores * count
            memory += item.capacity.mebibytes * count
            pods += item.capacity.pods * count
            if !item.isSpot {
                onDemand += count
                continue
            }
            if count * 5 > nodes { return false }
            types.insert(item.instanceType)
            if let zone = item.zone { zones.insert(zone) }
        }
        let spot = nodes - onDemand
        let availableTypes = Set(items.filter(\.isSpot).map(\.instanceType)).count
        let availableZones = Set(items.filter(\.isSpot).compactMap(\.zone)).count
        return cpu >= demand.millicores && memory >= demand.mebibytes && pods >= demand.pods
            && onDemand * 20 >= nodes * 3 && types.count >= min(10, availableTypes, spot)
            && zones.count >= min(3, availableZones, spot)
    }

    static func items(_ random: inout SeededGenerator, uniform: Bool) -> [PortfolioItem] {
        let zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
        let sizes = [(2, 8), (4, 8), (4, 16), (8, 16), (8, 32)]
        let typeCount = Int.random(in: 2...4, using: &random)
        let types = (0..<typeCount).map { index -> (String, Int, Int, Double) in
            let size = uniform ? sizes[2] : sizes[Int.random(in: sizes.indices, using: &random)]
            let price = (Double(size.0) * 12 + Double(size.1) * 2) * Double.random(in: 0.8...1.3, using: &random)
            return ("t\(index)", size.0, size.1, price)
        }
        var items: [PortfolioItem] = []
        for (name, cpu, memory, price) in types {
            let capacity = SpotRequest.Demand(millicores: cpu * 950, mebibytes: memory * 900, pods: cpu * 15)
            for zone in zones {
                items.append(
                    PortfolioItem(
                        instanceType: name,
                        zone: zone,
                        isSpot: true,
                        cost: price * Double.random(in: 0.25...0.6, using: &random),
                        capacity: capacity,
                        safety: 0.8,
                        interruptionProbability: 0.075,
                        hourlyPrice: price * 0.4 / 730
                    )
                )
            }
        }
        for (name, cpu, memory, price) in types.prefix(2) {
            items.append(
                PortfolioItem(
                    instanceType: name,
                    zone: nil,
                    isSpot: false,
                    cost: price,
                    capacity: .init(millicores: cpu * 950, mebibytes: memory * 900, pods: cpu * 15),
                    safety: 1,
                    interruptionProbability: 0,
                    hourlyPrice: price / 730
                )
            )
        }
        return items.shuffled(using: &random)
    }

    @Test("counting nodes, the plan is within one percent of the best of all plans", arguments: 0..<25)
    func countedNodes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let items = Array(Self.items(&random, uniform: true).prefix(12))
        for nodes in 5...9 {
            try Self.check(items, .init(), nodes...nodes, exact: nodes)
        }
    }

    @Test("counting capacity, the plan is within one percent of the best of all plans", arguments: 0..<25)
    func countedCapacity(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 100)
        let items = Array(Self.items(&random, uniform: false).prefix(10))
        let demand = SpotRequest.Demand(
            millicores: Int.random(in: 6_000...20_000, using: &random),
            mebibytes: Bool.random(using: &random) ? Int.random(in: 20_000...70_000, using: &random) : 0,
            pods: Int.random(in: 0...120, using: &random)
        )
        try Self.check(items, demand, 5...10, exact: nil)
    }

    static func check(_ items: [PortfolioItem], _ demand: SpotRequest.Demand, _ range: ClosedRange<Int>, exact: Int?)
        throws
    {
        var brute = BruteForce(items: items, demand: demand)
        for nodes in range { brute.search(nodes: nodes) }
        let plan = PortfolioSolver(items: items, demand: demand).solve(nodes: exact)
        if let plan {
            let counts = items.map { item in plan.allocations.first { $0.item == item }?.count ?? 0 }
            #expect(isSound(items, counts, demand, PortfolioLimits()))
            #expect(counts.reduce(0, +) == plan.nodes)
        }
        guard let best = brute.best else { return }
        let found = try #require(plan, "a plan exists at \(best)")
        #expect(found.cost <= best * 1.01 + 1e-6, "\(found.cost) against \(best)")
    }

    @Test(
        "the four limits hold on the recorded market",
        .enabled(if: SharedData.isPresent),
        arguments: [6, 7, 19, 20, 100, 1000]
    )
    func recorded(count: Int) throws {
        var market = try Market.recorded()
        market.zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
        let decision = try Market.decide(market, "{\"cpu\":2,\"memory\":4,\"count\":\(count)}")
        let portfolio = try #require(decision.metadata["portfolio"])
        #expect(portfolio["feasible"] == true)
        for limit in try #require(portfolio["limits"]?.object).members {
            #expect(limit.value["met"] == true, "\(limit.key)")
        }
        #expect(portfolio["total_capacity"]?.integer == Int64(count))
        let pools = try #require(portfolio["pools"]?.array)
        if count >= 20 { #expect(Set(pools.compactMap { $0["instance_type"]?.string }).count >= 10) }
        #expect(Set(pools.compactMap { $0["availability_zone"]?.string }).count >= 3)
        #expect(decision.estimatedSavings > 0)
    }

    @Test("too few nodes or no spot pool is said, not hidden")
    func obstacles() throws {
        let market = try Market.make([.init(name: "m5.xlarge"), .init(name: "m6i.xlarge")])
        let few = try Market.decide(market, #"{"count":3}"#)
        #expect(few.metadata["portfolio"]?["feasible"] == false)
        #expect(few.metadata["portfolio"]?["reason"] == "too_few_nodes_for_the_pool_share")
        #expect(!few.recommendations.isEmpty)
        let risky = try Market.decide(try Market.make([.init(name: "m5.xlarge", band: 4)]), #"{"count":30}"#)
        #expect(risky.metadata["portfolio"]?["reason"] == "no_spot_pool_passes")
    }

    @Test("the chance of losing a share is that of independent pools")
    func risk() throws {
        func allocation(_ zone: String?, _ count: Int, _ probability: Double) -> PortfolioPlan.Allocation {
            .init(
                item: PortfolioItem(
                    instanceType: "t",
                    zone: zone,
                    isSpot: zone != nil,
                    cost: 1,
                    capacity: .init(millicores: 1000),
                    safety: 1,
                    interruptionProbability: probability,
                    hourlyPrice: 1
                ),
                count: count
            )
        }
        let plan = PortfolioPlan(allocations: [
            allocation("a", 2, 0.1), allocation("b", 2, 0.2), allocation("c", 4, 0.5), allocation(nil, 2, 0),
        ])
        let risk = PortfolioRisk(plan)
        #expect(abs(risk.herfindahl - (0.04 + 0.04 + 0.16)) < 1e-12)
        #expect(risk.maximumPoolShare == 0.4)
        #expect(abs(risk.probabilityOfLosing(atLeast: 0.1) - (1 - 0.9 * 0.8 * 0.5)) < 1e-12)
        // 40 % goes with c, or with a and b together
        #expect(abs(risk.probabilityOfLosing(atLeast: 0.4) - (0.5 + 0.5 * 0.02)) < 1e-12)
        #expect(abs(risk.probabilityOfLosing(atLeast: 0.8) - 0.5 * 0.02) < 1e-12)
        #expect(risk.probabilityOfLosing(atLeast: 0.81) < 1e-15)
    }
}
