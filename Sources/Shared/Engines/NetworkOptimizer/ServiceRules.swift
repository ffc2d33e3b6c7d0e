import Contract

/// How each service's pods must be spread, what selects them, and which Kubernetes Services stand in front of them.
struct ServiceRules {
    private static let zoneKeys: Set<String> = [
        "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone",
    ]
    /// Comparisons of a rule with other services' pods before the rest is taken as bound.
    private static let effort = 2_000_000

    private let request: NetworkRequest
    private let index: ClusterIndex
    /// One pod of the cluster for each service, the first by name.
    private var sample: [Pod?]
    private let members: [[Int]]
    private let byNamespace: [String: [Int]]
    private var left = ServiceRules.effort

    init(_ request: NetworkRequest, _ index: ClusterIndex, map: NetworkMap, samples: [Pod?]) {
        self.request = request
        self.index = index
        var members = [[Int]](repeating: [], count: map.services.count)
        for (position, pod) in map.pods.enumerated() { members[pod.service].append(position) }
        self.members = members
        sample = members.map { list in list.lazy.compactMap { samples[$0] }.first }
        byNamespace = Dictionary(grouping: map.services.indices) { map.services[$0].namespace }
    }

    mutating func apply(to map: inout NetworkMap) {
        let zones = max(1, map.eligible.count)
        for service in map.services.indices {
            let replicas = map.services[service].replicas
            var spread = PlacementProblem.Spread(most: max(1, (replicas + zones - 1) / zones))
            if let pod = sample[service] {
                map.services[service].labels = labels(of: pod)
                tighten(&spread, pod, service, map)
            }
            map.services[service].spread = spread
        }
        bindStrangers(&map)
        addFronts(&map)
    }

    // MARK: Spread

    private mutating func tighten(
        _ spread: inout PlacementProblem.Spread,
        _ pod: Pod,
        _ service: Int,
        _ map: NetworkMap
    ) {
        for rule in pod.topologySpread where rule.isRequired && Self.zoneKeys.contains(rule.topologyKey) {
            // With counts between most − skew and most, no two zones differ by more than the skew.
            let skew = Int(clamping: max(1, rule.maxSkew))
            spread.least = max(spread.least, spread.most > skew ? spread.most - skew : 0)
        }
        let isAlone = pod.affinity?.requiredAntiTerms.contains { term in
            Self.zoneKeys.contains(term.topologyKey)
                && term.effectiveSelector(for: pod.labels)?.matches(pod.labels) == true
        }
        if isAlone == true { spread.most = 1 }
    }

    /// Holds every service in place that another one's rule about zones speaks of: such rules are not searched through.
    private mutating func bindStrangers(_ map: inout NetworkMap) {
        for service in map.services.indices {
            guard let pod = sample[service] else { continue }
            let terms = (pod.affinity?.requiredAntiTerms ?? []).filter { Self.zoneKeys.contains($0.topologyKey) }
            let rules = pod.topologySpread.filter { $0.isRequired && Self.zoneKeys.contains($0.topologyKey) }
            let selectors =
                terms.map { $0.effectiveSelector(for: pod.labels) }
                + rules.map { $0.effectiveSelector(for: pod.labels) }
            guard !selectors.isEmpty else { continue }
            for other in map.services.indices where other != service {
                guard let stranger = sample[other] else { continue }
                left -= selectors.count
                guard left <= 0 || selectors.contains(where: { $0?.matches(stranger.labels) == true }) else { continue }
                for bound in left <= 0 ? members[service] : members[service] + members[other] {
                    hold(bound, "zone_rules_of_others", &map)
                }
                if left <= 0 { break }
            }
        }
    }

    private func hold(_ pod: Int, _ reason: String, _ map: inout NetworkMap) {
        guard map.pods[pod].pin == nil else { return }
        map.pods[pod].allowed = ZoneSet(map.pods[pod].zone)
        map.pods[pod].pin = reason
    }

    // MARK: Labels

    /// The labels that name the workload's pods: its selector's, or those of the pod but what differs from pod to pod.
    private func labels(of pod: Pod) -> Labels {
        if let selector = index.workload(of: pod)?.selector, !selector.matchLabels.isEmpty {
            return selector.matchLabels
        }
        let own: Set<String> = [
            "pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name",
            "apps.kubernetes.io/pod-index", "pod-template-generation",
        ]
        return Labels(pod.labels.entries.filter { !own.contains($0.key) })
    }

    // MARK: Fronts

    private mutating func addFronts(_ map: inout NetworkMap) {
        let fronts = request.cluster.services.filter { !$0.selector.isEmpty }
        map.knowsFronts = !fronts.isEmpty
        for front in fronts.sorted(by: { $0.key < $1.key }) {
            for service in byNamespace[front.meta.namespace] ?? [] {
                guard let pod = sample[service] else { continue }
                left -= 1
                guard left > -Self.effort, front.selects(pod) else { continue }
                map.services[service].fronts.append(.init(name: front.meta.name, obstacle: Self.obstacle(front)))
            }
        }
    }

    private static func obstacle(_ front: Service) -> String? {
        if front.isHeadless { return "headless_service" }
        if front.type == "ExternalName" { return "external_name" }
        if front.internalTrafficPolicy == "Local" { return "internal_traffic_local" }
        return front.trafficDistribution.isEmpty ? nil : "already_set"
    }
}
