import Contract

/// Everything found out about a cluster, before it is put into words.
struct RightsizeEvaluation {
    let request: RightsizeRequest
    let market: RegionMarket
    let window: UsageWindow
    /// Days from the latest measurement to the clock; nothing when no point carries a stamp.
    let age: Double?
    let nodes: NodeSizing?
    let containers: ContainerSizings?
    /// USD per hour of all nodes with a known price, and how many have none.
    let clusterHourly: Double
    let unpricedNodes: Int
    let usable: ResourceAmounts

    init(_ request: RightsizeRequest, _ market: RegionMarket, now: Timestamp) {
        self.request = request
        self.market = market
        let clock = now.milliseconds
        let latest = request.usage.latest(upTo: clock + UsageWindow.tolerance)
        // Data of last month still tells how last month was: the window ends where the data does.
        let end = min(clock + UsageWindow.tolerance, latest ?? clock)
        window = UsageWindow(end: latest == nil ? clock : end)
        age = latest.map { Double(max(0, clock - $0)) / 86_400_000 }
        let isStale = (age ?? 0) > request.policy.staleDays
        let index = ClusterIndex(request.cluster)
        nodes =
            request.level == .containers
            ? nil : NodeSizing(request, market, index, window, now: now, isStale: isStale)
        containers =
            request.level == .nodes
            ? nil : ContainerSizings(request, ContainerUnits(index, request.usage), window, isStale: isStale)
        (clusterHourly, unpricedNodes, usable) = Self.bill(request.cluster, InstanceTariff(market, now: now))
    }

    private static func bill(_ cluster: ClusterState, _ prices: InstanceTariff) -> (Double, Int, ResourceAmounts) {
        var hourly = 0.0
        var unpriced = 0
        var usable = ResourceAmounts.zero
        for node in cluster.nodes.sorted(by: { $0.name < $1.name }) where !node.isFargate && !node.isHybrid {
            usable += node.usable
            let price = node.instanceType.flatMap {
                prices.cautiousQuote(type: $0, zone: node.zone, isSpot: node.capacityType == .spot)
            }
            if let price { hourly += price.hourly } else { unpriced += 1 }
        }
        return (hourly, unpriced, usable)
    }

    /// Node changes that are carried out.
    var actionableNodes: [NodeRecommendation] { nodes?.recommendations.filter { $0.holds.isEmpty } ?? [] }
    var actionableContainers: [ContainerRecommendation] {
        containers?.recommendations.filter(\.isActionable) ?? []
    }

    /// USD per month by nodes that become smaller; larger ones cost and save nothing.
    var savings: Double {
        actionableNodes.filter { $0.action == .downsize }
            .reduce(0) { $0 + max(0, -($1.monthlyDelta(request.policy) ?? 0)) }
    }

    /// USD per month that the freed requests are worth once the pods are packed onto fewer nodes: the smaller of the
    /// two shares of the cluster, times its bill.
    func reclaimable(_ freed: (millicores: Int64, bytes: Int64)) -> Double? {
        guard clusterHourly > 0, unpricedNodes == 0, usable.cpu > 0, usable.memory > 0 else { return nil }
        let share = min(Double(freed.millicores) / Double(usable.cpu), Double(freed.bytes) / Double(usable.memory))
        return max(0, min(1, share)) * clusterHourly * request.policy.hoursPerMonth
    }
}
