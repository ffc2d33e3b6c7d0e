/// A plan under construction whose sums are kept up to date with every move.
struct PortfolioState {
    let items: [PortfolioItem]
    let demand: SpotRequest.Demand
    let limits: PortfolioLimits
    let nodes: Int
    let poolCap: Int
    let onDemandFloor: Int
    private let typeOf: [Int]
    private let zoneOf: [Int?]
    private let wantedZones: Int
    private let availableTypes: Int

    private(set) var counts: [Int]
    private(set) var cost = 0.0
    private(set) var onDemand = 0
    private var covered = SpotRequest.Demand()
    private var typeNodes: [Int]
    private var zoneNodes: [Int]
    private var types = 0
    private var zones = 0
    private var placed = 0

    init(items: [PortfolioItem], demand: SpotRequest.Demand, limits: PortfolioLimits, nodes: Int) {
        self.items = items
        self.demand = demand
        self.limits = limits
        self.nodes = nodes
        poolCap = limits.poolCap(nodes)
        onDemandFloor = limits.onDemandFloor(nodes)
        let spot = items.filter(\.isSpot)
        let typeNames = Set(items.map(\.instanceType)).sorted()
        let zoneNames = Set(spot.compactMap(\.zone)).sorted()
        typeOf = items.map { typeNames.firstIndex(of: $0.instanceType) ?? 0 }
        zoneOf = items.map { item in item.isSpot ? item.zone.flatMap { zoneNames.firstIndex(of: $0) } : nil }
        availableTypes = Set(spot.map(\.instanceType)).count
        wantedZones = min(limits.minimumZones, zoneNames.count)
        counts = Array(repeating: 0, count: items.count)
        typeNodes = Array(repeating: 0, count: typeNames.count)
        zoneNodes = Array(repeating: 0, count: zoneNames.count)
    }

    /// How far the plan is from what it must be: 0 when it covers the demand and is spread widely enough.
    var violation: Double {
        var sum = Self.shortfall(covered.millicores, demand.millicores)
        sum += Self.shortfall(covered.mebibytes, demand.mebibytes)
        sum += Self.shortfall(covered.pods, demand.pods)
        let wantedTypes = min(limits.targetTypes, availableTypes, placed - onDemand)
        sum += Double(max(0, wantedTypes - types)) * 0.1
        sum += Double(max(0, min(wantedZones, placed - onDemand) - zones)) * 0.1
        return sum
    }

    /// False when even that many nodes of that capacity would leave the demand uncovered.
    func canStillCover(with each: SpotRequest.Demand, nodes: Int) -> Bool {
        covered.millicores + each.millicores * nodes >= demand.millicores
            && covered.mebibytes + each.mebibytes * nodes >= demand.mebibytes
            && covered.pods + each.pods * nodes >= demand.pods
    }

    private static func shortfall(_ have: Int, _ want: Int) -> Double {
        have >= want ? 0 : Double(want - have) / Double(want)
    }

    /// True when that many more nodes of the item keep its pool within its share.
    func hasRoom(_ index: Int, for count: Int = 1) -> Bool {
        !items[index].isSpot || counts[index] + count <= poolCap
    }

    mutating func add(_ count: Int, of index: Int) {
        let item = items[index]
        counts[index] += count
        placed += count
        cost += item.cost * Double(count)
        covered.millicores += item.capacity.millicores * count
        covered.mebibytes += item.capacity.mebibytes * count
        covered.pods += item.capacity.pods * count
        guard item.isSpot else {
            onDemand += count
            return
        }
        Self.change(&typeNodes[typeOf[index]], by: count, distinct: &types)
        if let zone = zoneOf[index] { Self.change(&zoneNodes[zone], by: count, distinct: &zones) }
    }

    private static func change(_ number: inout Int, by count: Int, distinct: inout Int) {
        let had = number > 0
        number += count
        let has = number > 0
        if had != has { distinct += has ? 1 : -1 }
    }

    /// True when this plan is to be preferred: first by violation, then by cost.
    func isBetter(thanViolation violation: Double, cost: Double) -> Bool {
        let own = self.violation
        if own < violation - 1e-12 { return true }
        return own <= violation + 1e-12 && self.cost < cost - 1e-9
    }

    var plan: PortfolioPlan {
        PortfolioPlan(
            allocations: items.indices.filter { counts[$0] > 0 }.map { .init(item: items[$0], count: counts[$0]) }
        )
    }
}
