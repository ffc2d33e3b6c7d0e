import Contract

/// Which pods may move, and where to; everything else says why not.
struct PodPins {
    private static let zoneKeys = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"]
    /// Comparisons of pods with nodes or budgets before what is left stays where it is.
    private static let effort = 5_000_000

    private struct Choice: Hashable {
        var selector: Labels
        var affinity: Affinity?
        var tolerations: [Toleration]
    }

    private let request: NetworkRequest
    private let index: ClusterIndex
    private let zones: [String: Int]
    private let eligible: ZoneSet
    /// Nodes pods can be put on, with their zone.
    private let nodes: [(node: Node, zone: Int)]
    private let budgets: [String: [PodDisruptionBudget]]
    /// Pods or budgets that could not be read may be anywhere: nothing moves on such a state.
    private let isDoubtful: Bool
    private let doubtfulNamespaces: Set<String>
    private var choices: [Choice: ZoneSet] = [:]
    private var left = PodPins.effort

    init(
        _ request: NetworkRequest,
        _ index: ClusterIndex,
        nodes: [(node: Node, zone: Int)],
        zones: [String],
        eligible: ZoneSet
    ) {
        self.request = request
        self.index = index
        self.nodes = nodes
        self.eligible = eligible
        self.zones = Dictionary(uniqueKeysWithValues: zones.enumerated().map { ($0.element, $0.offset) })
        let lost = index.state.unreadable.filter { $0.kind == "PodDisruptionBudget" }
        isDoubtful = index.state.hasUnplacedUnreadablePods || lost.contains { $0.namespace.isEmpty }
        doubtfulNamespaces = Set(lost.map(\.namespace))
        budgets = Dictionary(grouping: index.state.disruptionBudgets, by: \.meta.namespace)
    }

    /// Whether a node takes pods.
    static func takesPods(_ node: Node) -> Bool {
        node.isReady && !node.unschedulable && !node.isTerminating && !node.isFargate
    }

    /// Where the pod may run, and why it must stay when it must.
    mutating func judge(_ pod: Pod, name: String, service: ServiceName, zone: Int) -> (allowed: ZoneSet, pin: String?) {
        if let pin = pin(pod, name: name, service: service) { return (ZoneSet(zone), pin) }
        var allowed = eligible
        if !nodes.isEmpty {
            guard let choice = choice(of: pod) else { return (ZoneSet(zone), "too_many_rules") }
            allowed = allowed.intersection(choice)
        }
        guard let volumes = volumeZones(of: pod) else { return (ZoneSet(zone), "volume_zone_unknown") }
        let isBound = volumes.intersection(eligible) != eligible
        allowed = allowed.intersection(volumes)
        allowed.insert(zone)
        if allowed.count > 1 { return (allowed, nil) }
        return (allowed, isBound ? "volume_zone" : eligible.count > 1 ? "node_rules" : "single_zone")
    }

    // MARK: Pins

    private mutating func pin(_ pod: Pod, name: String, service: ServiceName) -> String? {
        if isDoubtful || doubtfulNamespaces.contains(pod.namespace) { return "state_unreadable" }
        if request.pinned.contains(name) || request.pinned.contains(pod.name) || request.pinned.contains(service.name) {
            return "pinned"
        }
        if pod.flat["pinned"]?.bool == true || pod.flat["movable"]?.bool == false { return "pinned" }
        if pod.flat["movable"]?.bool == nil, request.services[service.name]?.isMovable == false { return "pinned" }
        return kindPin(pod) ?? wishPin(pod) ?? storagePin(pod) ?? affinityPin(pod) ?? budgetPin(pod)
    }

    private func kindPin(_ pod: Pod) -> String? {
        if pod.isDaemon { return "daemonset" }
        if pod.isMirror { return "static_pod" }
        if pod.isTerminating { return "terminating" }
        if pod.namespace == "kube-system" { return "system_pod" }
        if let kind = index.owner(of: pod)?.kind {
            if kind == "Job" || kind == "CronJob" { return "job" }
        } else if pod.flat.isEmpty {
            return "bare_pod"  // nothing would make it again
        }
        if let name = pod.nodeName, let node = index.node(named: name), !Self.takesPods(node) {
            return "node_not_ready"
        }
        return nil
    }

    private func wishPin(_ pod: Pod) -> String? {
        let notes = pod.meta.annotations
        if let wish = notes["karpenter.sh/do-not-disrupt"], wish != "false" { return "do_not_disrupt" }
        if notes["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false" { return "not_safe_to_evict" }
        return nil
    }

    private func storagePin(_ pod: Pod) -> String? {
        for volume in pod.volumes {
            switch volume.source {
            case .hostPath: return "local_storage"
            case .disk: return "volume_zone_unknown"
            default: continue
            }
        }
        return nil
    }

    /// Rules about other pods' zones are not searched through: such a pod stays.
    private func affinityPin(_ pod: Pod) -> String? {
        guard let affinity = pod.affinity else { return nil }
        if affinity.requiredPodTerms.contains(where: { Self.zoneKeys.contains($0.topologyKey) }) {
            return "pod_affinity"
        }
        let isForeign = affinity.requiredAntiTerms.contains { term in
            Self.zoneKeys.contains(term.topologyKey)
                && term.effectiveSelector(for: pod.labels)?.matches(pod.labels) != true
        }
        return isForeign ? "pod_anti_affinity" : nil
    }

    private mutating func budgetPin(_ pod: Pod) -> String? {
        guard let list = budgets[pod.namespace] else { return nil }
        left -= list.count
        guard left > 0 else { return "too_many_rules" }
        let covering = list.filter { $0.covers(pod) }
        if covering.count > 1 { return "several_disruption_budgets" }
        guard let budget = covering.first, let allowed = budget.disruptionsAllowed else { return nil }
        return allowed > 0 ? nil : "disruption_budget"
    }

    // MARK: Choice

    /// The zones with a node that the pod may be put on.
    private mutating func choice(of pod: Pod) -> ZoneSet? {
        var affinity = Affinity()
        affinity.requiredNodeTerms = pod.affinity?.requiredNodeTerms
        let key = Choice(
            selector: pod.nodeSelector,
            affinity: affinity.isEmpty ? nil : affinity,
            tolerations: pod.tolerations
        )
        if let known = choices[key] { return known }
        left -= nodes.count
        guard left > 0 else { return nil }
        var zones = ZoneSet()
        for (node, zone) in nodes where !zones.contains(zone) && Self.suits(node, key) { zones.insert(zone) }
        choices[key] = zones
        return zones
    }

    private static func suits(_ node: Node, _ choice: Choice) -> Bool {
        guard choice.tolerations.tolerate(node.taints),
            choice.selector.allSatisfy({ node.labels[$0.key] == $0.value })
        else { return false }
        guard let terms = choice.affinity?.requiredNodeTerms else { return true }
        return terms.contains { $0.matches(node.labels, nodeName: node.name) }
    }

    /// The zones the pod's volumes can be mounted in; nothing when that is not known.
    private mutating func volumeZones(of pod: Pod) -> ZoneSet? {
        var allowed = ZoneSet.all(ZoneSet.most)
        for name in pod.claimNames {
            guard let claim = index.claim(ObjectKey(namespace: pod.namespace, name: name)),
                let volumeName = claim.volumeName, let volume = index.volume(named: volumeName)
            else { return nil }
            if let zone = volume.zone {
                guard let known = PodSite.plain(zone).flatMap({ zones[$0] }) else { return nil }
                allowed = allowed.intersection(ZoneSet(known))
            } else if let terms = volume.nodeAffinity {
                left -= nodes.count
                guard left > 0 else { return nil }
                var mountable = ZoneSet()
                for (node, zone) in nodes where terms.contains(where: { $0.matches(node.labels, nodeName: node.name) })
                {
                    mountable.insert(zone)
                }
                allowed = allowed.intersection(mountable)
            }
        }
        return allowed
    }
}
