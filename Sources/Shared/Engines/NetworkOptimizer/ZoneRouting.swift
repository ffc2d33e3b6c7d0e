/// Which services can keep their traffic in the client's zone by a field of their Kubernetes Service alone.
///
/// With `trafficDistribution: PreferSameZone` a client reaches endpoints of its own zone while there are any. That saves
/// everything the client sends across, provided that every zone with clients has endpoints, and that the endpoints of no
/// zone get much more than their share.
struct ZoneRouting {
    /// What is known of the Services.
    enum Basis: Sendable {
        /// Services of the cluster's state that select the pods.
        case seen
        /// The state holds no Services; what the caller calls a service is taken for one.
        case assumed
    }

    struct Offer: Sendable, Hashable {
        var service: Int
        /// The Kubernetes Service to change; nothing when it was assumed.
        var fronts: [String]
        /// Micro-gigabytes a day no longer crossing; what two services share is counted once.
        var saved: Int64
        /// Traffic of its clients, and the part of it that crosses now and cannot be kept.
        var clients: Int64
        var crossing: Int64
        /// The heaviest load of an endpoint after the change, in shares of an equal load.
        var heaviestLoad: Double
    }

    private struct Load {
        var clients: [Int64]
        var today: [Int64]
        var endpoints: [Int]
        var crossing: Int64 = 0
        var hasQualified = false
    }

    let basis: Basis
    private(set) var offers: [Offer] = []
    /// Edges that stay within their zone.
    private(set) var local: [Bool]
    /// Why a service with much traffic between zones gets no offer.
    private(set) var refusals: [(service: Int, reason: String)] = []

    private let map: NetworkMap
    private let zones: [Int]

    /// Looks for services of the map that can be kept in their zones, with the pods in the given zones.
    ///
    /// Edges that are `done` are local already; `isWorthIt` tells whether so many micro-gigabytes a day are worth a change.
    init(
        _ map: NetworkMap,
        _ pairs: ServicePairs,
        zones: [Int],
        basis: Basis,
        done: [Bool],
        policy: NetworkPolicy,
        isWorthIt: (Int64) -> Bool
    ) {
        self.map = map
        self.zones = zones
        self.basis = basis
        local = done
        let servers = map.edges.indices.map { done[$0] ? [] : Self.servers(map, map.edges[$0], basis) }
        var loads = Self.loads(map, pairs, zones, servers)
        var heaviest: [Int: Double] = [:]
        for (service, load) in loads.sorted(by: { $0.key < $1.key }) {
            guard load.crossing > 0, load.hasQualified else {
                loads[service] = nil
                continue
            }
            let verdict = Self.judge(load, tolerance: policy.loadTolerance)
            if let reason = Self.obstacle(map.services[service], basis) ?? verdict.reason {
                refusals.append((service, reason))
                loads[service] = nil
            } else {
                heaviest[service] = verdict.heaviest
            }
        }
        settle(servers, loads, heaviest, isWorthIt)
    }

    // MARK: Who is called

    private static func servers(_ map: NetworkMap, _ edge: NetworkMap.Edge, _ basis: Basis) -> [Int] {
        let (one, two) = (map.pods[edge.first].service, map.pods[edge.second].service)
        guard one != two else { return [] }
        func isFronted(_ service: Int) -> Bool {
            basis == .seen ? !map.services[service].fronts.isEmpty : map.services[service].origin == .stated
        }
        if let called = edge.called {
            let service = map.pods[called].service
            return isFronted(service) ? [service] : []
        }
        // Nobody says who calls: it may be either, so both must keep to their zone.
        return [min(one, two), max(one, two)].filter(isFronted)
    }

    private static func obstacle(_ service: NetworkMap.Service, _ basis: Basis) -> String? {
        guard basis == .seen else { return nil }
        return service.fronts.contains { $0.obstacle == nil } ? nil : service.fronts.first?.obstacle ?? "no_service"
    }

    // MARK: Load

    private static func loads(
        _ map: NetworkMap,
        _ pairs: ServicePairs,
        _ zones: [Int],
        _ servers: [[Int]]
    ) -> [Int: Load] {
        var loads: [Int: Load] = [:]
        let none = [Int64](repeating: 0, count: map.zones.count)
        for (number, edge) in map.edges.enumerated() {
            for service in servers[number] {
                let isFirst = map.pods[edge.first].service == service
                let (endpoint, client) = isFirst ? (edge.first, edge.second) : (edge.second, edge.first)
                var load = loads[service] ?? Load(clients: none, today: none, endpoints: none.map { _ in 0 })
                load.clients[zones[client]] += edge.weight
                load.today[zones[endpoint]] += edge.weight
                if zones[client] != zones[endpoint] {
                    load.crossing += edge.weight
                    if pairs.pairs[pairs.pairOfEdge[number]].isQualified { load.hasQualified = true }
                }
                loads[service] = load
            }
        }
        for (position, pod) in map.pods.enumerated() where pod.isReady {
            loads[pod.service]?.endpoints[zones[position]] += 1
        }
        return loads
    }

    private static func judge(_ load: Load, tolerance: Double) -> (reason: String?, heaviest: Double) {
        let count = load.endpoints.reduce(0, +)
        let mean = load.clients.reduce(0) { $0 + Double($1) } / Double(max(1, count))
        var heaviest = 0.0
        for zone in load.clients.indices where load.clients[zone] > 0 {
            guard load.endpoints[zone] > 0 else { return ("endpoint_missing_in_zone", 0) }
            let each = Double(load.clients[zone]) / Double(load.endpoints[zone])
            let today = Double(load.today[zone]) / Double(load.endpoints[zone])
            guard each <= max(mean, today) * (1 + tolerance) + 1e-6 else { return ("load_above_limit", each / mean) }
            heaviest = max(heaviest, each / mean)
        }
        return (nil, heaviest)
    }

    // MARK: Offers

    /// Drops whoever saves too little, until all that are left save enough together.
    private mutating func settle(
        _ servers: [[Int]],
        _ loads: [Int: Load],
        _ heaviest: [Int: Double],
        _ isWorthIt: (Int64) -> Bool
    ) {
        var chosen = Set(loads.keys)
        var saved: [Int: Int64] = [:]
        while true {
            saved = [:]
            for (number, edge) in map.edges.enumerated()
            where zones[edge.first] != zones[edge.second] && !servers[number].isEmpty
                && servers[number].allSatisfy(chosen.contains)
            {
                for service in servers[number] { saved[service, default: 0] += edge.weight }
            }
            let poor = chosen.filter { !isWorthIt(saved[$0] ?? 0) }
            guard !poor.isEmpty else { break }
            refusals += poor.sorted().map { ($0, "below_min_benefit") }
            chosen.subtract(poor)
        }
        var own: [Int: Int64] = [:]
        for (number, edge) in map.edges.enumerated()
        where !servers[number].isEmpty && servers[number].allSatisfy(chosen.contains) {
            local[number] = true
            if zones[edge.first] != zones[edge.second] { own[servers[number][0], default: 0] += edge.weight }
        }
        offers = chosen.sorted().map { service in
            Offer(
                service: service,
                fronts: map.services[service].fronts.filter { $0.obstacle == nil }.map(\.name),
                saved: own[service] ?? 0,
                clients: loads[service]?.clients.reduce(0, +) ?? 0,
                crossing: loads[service]?.crossing ?? 0,
                heaviestLoad: heaviest[service] ?? 0
            )
        }
        refusals.sort { ($0.service, $0.reason) < ($1.service, $1.reason) }
    }
}
