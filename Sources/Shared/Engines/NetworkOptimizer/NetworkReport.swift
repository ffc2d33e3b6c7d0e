import Contract

/// Turns what the levers found into the items of a reply.
struct NetworkReport {
    private static let zoneKey = "topology.kubernetes.io/zone"

    let request: NetworkRequest
    let policy: NetworkPolicy
    let evaluation: NetworkEvaluation
    /// 0 to 1, of the whole answer.
    let confidence: Double

    private var map: NetworkMap { evaluation.map }

    // MARK: Routing

    /// The value of `trafficDistribution`; releases before 1.34 know the older name only.
    var distribution: String { map.isOldCluster ? "PreferClose" : "PreferSameZone" }

    func routing(_ offer: ZoneRouting.Offer, _ basis: ZoneRouting.Basis) -> JSONValue {
        let service = map.services[offer.service]
        return [
            "action": "set_traffic_distribution",
            "lever": .string(NetworkLever.trafficDistribution.rawValue),
            "service": .string(service.name),
            "namespace": .optional(service.namespace.isEmpty ? nil : service.namespace),
            "kubernetes_services": .array(offer.fronts.map { .string($0) }),
            "service_is_assumed": .bool(basis == .assumed),
            "traffic_distribution": .string(distribution),
            "moves_pods": false,
            "requires_approval": .bool(basis == .assumed),
            "daily_gb_saved": Self.gigabytes(offer.saved),
            "monthly_savings": money(offer.saved),
            "client_daily_gb": Self.gigabytes(offer.clients),
            "cross_zone_share_now": share(offer.crossing, of: offer.clients),
            "cross_zone_share_after": share(max(0, offer.crossing - shared(offer)), of: offer.clients),
            "heaviest_endpoint_load": .rounded(offer.heaviestLoad, 4),
            "confidence_score": .rounded(confidence, 4),
            "reason": .string(
                "every zone with clients has endpoints of \(service.name), and none gets more than "
                    + "\(percent(1 + policy.loadTolerance)) of its share"
            ),
        ]
    }

    /// What the service's own clients no longer send across; shared figures are counted with one service only.
    private func shared(_ offer: ZoneRouting.Offer) -> Int64 {
        map.edges.enumerated().reduce(0) { sum, item in
            let (number, edge) = item
            guard evaluation.path.local[number],
                evaluation.path.zones[edge.first] != evaluation.path.zones[edge.second],
                map.pods[edge.first].service == offer.service || map.pods[edge.second].service == offer.service
            else { return sum }
            return sum + edge.weight
        }
    }

    // MARK: Moves

    /// The moves of each service, those that save most first.
    var moveGroups: [(service: Int, moves: [MoveOrder.Step], saved: Int64)] {
        Dictionary(grouping: evaluation.moves) { map.pods[$0.pod].service }
            .map { ($0.key, $0.value, $0.value.reduce(0) { $0 + $1.saved }) }
            .sorted { (-$0.2, $0.0) < (-$1.2, $1.0) }
    }

    func placement(_ group: (service: Int, moves: [MoveOrder.Step], saved: Int64)) -> JSONValue {
        let service = map.services[group.service]
        return [
            "action": "co_locate",
            "lever": .string(NetworkLever.placement.rawValue),
            "service": .string(service.name),
            "namespace": .optional(service.namespace.isEmpty ? nil : service.namespace),
            "moves": .array(group.moves.map(move)),
            "moves_pods": true,
            "requires_approval": true,
            "capacity_verified": .bool(map.unknownCapacity.isEmpty),
            "daily_gb_saved": Self.gigabytes(group.saved),
            "monthly_savings": money(group.saved),
            "extra_node_cost": 0.0,
            "affinity": affinity(of: group.service, zones: evaluation.path.zones) ?? .null,
            "replicas_per_zone_after": zoneCounts(group.service),
            "confidence_score": .rounded(confidence, 4),
            "reason": .string(
                group.saved > 0
                    ? "\(service.name) then shares its zone with the pods it exchanges most with"
                    : "makes room for pods that save more"
            ),
        ]
    }

    func move(_ step: MoveOrder.Step) -> JSONValue {
        [
            "pod": .string(map.pods[step.pod].name),
            "from_zone": .string(map.zones[step.from]),
            "to_zone": .string(map.zones[step.to]),
            "daily_gb_saved": Self.gigabytes(step.saved),
            "needs_exchange": .bool(step.needsExchange),
        ]
    }

    func zoneCounts(_ service: Int) -> JSONValue {
        var counts = [Int](repeating: 0, count: map.zones.count)
        for (position, pod) in map.pods.enumerated() where pod.service == service {
            counts[evaluation.path.zones[position]] += 1
        }
        var object = JSONObject()
        for (zone, count) in counts.enumerated() where count > 0 { object[map.zones[zone]] = .integer(Int64(count)) }
        return .object(object)
    }

    // MARK: Affinity

    /// A wish to be near the service it exchanges most with, among those whose pods share a zone with its own.
    ///
    /// Always preferred, never required: a required one could leave a pod without a place, or all replicas in one zone.
    func affinity(of service: Int, zones: [Int]) -> JSONValue? {
        guard let peer = peer(of: service, zones: zones) else { return nil }
        return affinity(to: peer, from: service)
    }

    func affinity(to peer: Int, from service: Int) -> JSONValue {
        let target = map.services[peer]
        var selector = JSONObject()
        for label in target.labels { selector[label.key] = .string(label.value) }
        var term: JSONObject = [
            "labelSelector": ["matchLabels": .object(selector)], "topologyKey": .string(Self.zoneKey),
        ]
        if !target.namespace.isEmpty, target.namespace != map.services[service].namespace {
            term["namespaces"] = .array([.string(target.namespace)])
        }
        return [
            "near_service": .string(target.name),
            // Without known labels the selector has to be filled in by hand.
            "labels_known": .bool(!target.labels.isEmpty),
            "patch": [
                "podAffinity": [
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        ["weight": .integer(policy.affinityWeight), "podAffinityTerm": .object(term)]
                    ]
                ]
            ],
        ]
    }

    private func peer(of service: Int, zones: [Int]) -> Int? {
        var near: [Int: Int64] = [:]
        for edge in map.edges where zones[edge.first] == zones[edge.second] {
            let (one, two) = (map.pods[edge.first].service, map.pods[edge.second].service)
            guard one != two, one == service || two == service else { continue }
            near[one == service ? two : one, default: 0] += edge.weight
        }
        return near.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }

    /// A pair that nothing else helps: the wish alone, for whenever its pods are placed anew.
    func wish(_ pair: ServicePairs.Pair, crossing: Int64, movable: Int) -> JSONValue {
        let peer = movable == pair.first ? pair.second : pair.first
        return [
            "action": "prefer_same_zone",
            "lever": .string(NetworkLever.affinity.rawValue),
            "service": .string(map.services[movable].name),
            "namespace": .optional(map.services[movable].namespace.isEmpty ? nil : map.services[movable].namespace),
            "affinity": affinity(to: peer, from: movable),
            "moves_pods": false,
            "requires_approval": true,
            "cross_zone_daily_gb": Self.gigabytes(crossing),
            // A wish may or may not come true: nothing is promised.
            "daily_gb_saved": 0.0,
            "monthly_savings": 0.0,
            "confidence_score": .rounded(confidence, 4),
            "reason": "takes effect when pods are placed anew; no saving is counted",
        ]
    }

    // MARK: Figures

    static func gigabytes(_ weight: Int64) -> JSONValue { .rounded(Double(weight) / 1e6, 6) }
    func money(_ weight: Int64) -> JSONValue { evaluation.monthly(weight).map { .rounded($0, 2) } ?? .null }

    private func share(_ part: Int64, of whole: Int64) -> JSONValue {
        whole > 0 ? .rounded(Double(part) / Double(whole), 4) : 0.0
    }

    private func percent(_ value: Double) -> String {
        JSONValue.rounded(value * 100, 0).number.map { "\(Int($0)) %" } ?? ""
    }
}
