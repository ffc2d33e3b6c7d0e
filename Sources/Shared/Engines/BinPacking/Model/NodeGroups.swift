import Contract

/// Nodes that no rule tells apart, so that a rule is asked once for all of them.
struct NodeGroups {
    private struct Key: Hashable {
        var labels: Labels
        var taints: [Taint]
        var architecture: String?
        var operatingSystem: String?
    }

    private var members: [[Int]] = []
    private var labels: [Labels] = []
    private var nodeLabels: [Labels] = []
    private var names: [String] = []
    private var taints: [[Taint]] = []
    private var architectures: [String?] = []
    private var systems: [String?] = []
    private var count = 0

    init() {}

    init(_ nodes: [PackNode], _ sources: [Node], pods: [(source: Int, pod: Pod)], storage: ClusterState) {
        count = nodes.count
        let keys = Self.keys(pods, storage)
        var groups: [Key: Int] = [:]
        for (position, node) in nodes.enumerated() {
            let source = sources[node.template ?? position]
            nodeLabels.append(node.labels)
            names.append(node.name)
            let key = Key(
                labels: Labels(node.labels.entries.filter { keys.contains($0.key) }),
                taints: node.taints,
                architecture: source.architecture,
                operatingSystem: source.operatingSystem
            )
            if let group = groups[key] {
                members[group].append(position)
            } else {
                groups[key] = members.count
                members.append([position])
                labels.append(key.labels)
                taints.append(key.taints)
                architectures.append(key.architecture)
                systems.append(key.operatingSystem)
            }
        }
    }

    private static func keys(_ pods: [(source: Int, pod: Pod)], _ storage: ClusterState) -> Set<String> {
        var keys: Set<String> = ["topology.kubernetes.io/zone"]
        for (_, pod) in pods {
            if pod.nodeSelector.isEmpty, pod.affinity?.requiredNodeTerms == nil { continue }
            keys.formUnion(NodeAffinityRule(pod).keys)
        }
        for terms in storage.persistentVolumes.compactMap(\.nodeAffinity)
            + storage.storageClasses.compactMap(\.allowedTopologies)
        {
            for term in terms { keys.formUnion(term.matchExpressions.map(\.key)) }
        }
        return keys
    }

    /// Nodes whose labels satisfy the rule.
    func nodes(matching rule: NodeAffinityRule) -> NodeSet {
        if rule.usesNames {
            var set = NodeSet(capacity: count)
            for node in 0..<count where rule.matches(nodeLabels[node], name: names[node]) { set.insert(node) }
            return set
        }
        return nodes { rule.matches(labels[$0], name: "") }
    }

    /// Nodes that satisfy one of the alternatives.
    func nodes(matchingOneOf terms: [NodeSelectorTerm]) -> NodeSet {
        if terms.contains(where: { !$0.matchFields.isEmpty }) {
            var set = NodeSet(capacity: count)
            for node in 0..<count where terms.contains(where: { $0.matches(nodeLabels[node], nodeName: names[node]) }) {
                set.insert(node)
            }
            return set
        }
        return nodes { group in terms.contains { $0.matches(labels[group], nodeName: "") } }
    }

    func nodes(whoseTaints allow: ([Taint]) -> Bool) -> NodeSet { nodes { allow(taints[$0]) } }

    /// Nodes of that processor family and system; what is not known does not restrict.
    func nodes(architecture: String?, operatingSystem: String?) -> NodeSet {
        nodes { group in
            (architecture == nil || architectures[group] == nil || architectures[group] == architecture)
                && (operatingSystem == nil || systems[group] == nil || systems[group] == operatingSystem)
        }
    }

    private func nodes(where holds: (Int) -> Bool) -> NodeSet {
        var set = NodeSet(capacity: count)
        for group in members.indices where holds(group) {
            for node in members[group] { set.insert(node) }
        }
        return set
    }
}
