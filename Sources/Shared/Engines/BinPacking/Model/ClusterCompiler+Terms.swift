import Contract

/// What the classes said about other pods, kept until all classes are known.
struct TermTable {
    /// By class.
    var keys: [ClusterCompiler.ClassKey] = []
    /// Caches: the same labels are asked for again and again.
    var topologies: [TopologyKey: Int] = [:]
    var domains: [String: Topology] = [:]
    var nodesWith: [[String]: NodeSet] = [:]

    struct TopologyKey: Hashable {
        var label: String
        var counted: NodeSet?
    }
}

/// Builds the counters: which classes each term of each rule counts, in which domains.
extension ClusterCompiler {
    /// One term with its owner's labels filled in.
    private struct TermKey: Hashable {
        var kind: TopologyCounter.Kind
        var selectors: [LabelSelector?]
        var scopes: [Scope]
        var topologyKey: String
        /// Which nodes count, for spread.
        var counted: NodeSet?
        var dropsCordoned = false
    }

    /// Whose namespaces a term means.
    private struct Scope: Hashable {
        var namespaces: [String]
        var selector: LabelSelector?

        init(_ term: PodAffinityTerm, own: String) {
            let isOwn = term.namespaces.isEmpty && term.namespaceSelector == nil
            namespaces = isOwn ? [own] : term.namespaces.sorted()
            selector = term.namespaceSelector
        }

        init(own: String) {
            namespaces = [own]
            selector = nil
        }
    }

    /// Labels that any term reads; all others do not tell pods apart.
    mutating func collectLabelKeys(_ pods: [(source: Int, pod: Pod)]) {
        for (_, pod) in pods {
            if let affinity = pod.affinity {
                for term in affinity.requiredPodTerms + affinity.requiredAntiTerms {
                    addKeys(term.selector)
                    labelKeys.formUnion(term.matchLabelKeys)
                    labelKeys.formUnion(term.mismatchLabelKeys)
                }
            }
            for constraint in pod.topologySpread where constraint.isRequired {
                addKeys(constraint.selector)
                labelKeys.formUnion(constraint.matchLabelKeys)
            }
        }
    }

    private mutating func addKeys(_ selector: LabelSelector?) {
        guard let selector else { return }
        labelKeys.formUnion(selector.matchLabels.keys)
        labelKeys.formUnion(selector.matchExpressions.map(\.key))
    }

    mutating func addCounters() {
        var counters: [TermKey: Int] = [:]
        var order: [TermKey] = []
        func number(_ key: TermKey) -> Int {
            if let known = counters[key] { return known }
            counters[key] = order.count
            order.append(key)
            return order.count - 1
        }
        for position in model.classes.indices {
            let key = terms.keys[position]
            for term in key.exclusion {
                model.classes[position].exclusion.append(
                    number(
                        TermKey(
                            kind: .exclusion,
                            selectors: [term.effectiveSelector(for: key.labels)],
                            scopes: [Scope(term, own: key.namespace)],
                            topologyKey: term.topologyKey
                        )
                    )
                )
            }
            // Kubernetes counts a pod as company only when it matches all terms of the pod that asks.
            for term in key.affinity {
                model.classes[position].affinity.append(
                    number(
                        TermKey(
                            kind: .affinity,
                            selectors: key.affinity.map { $0.effectiveSelector(for: key.labels) },
                            scopes: key.affinity.map { Scope($0, own: key.namespace) },
                            topologyKey: term.topologyKey
                        )
                    )
                )
            }
            for (constraint, key) in spreadKeys(position) {
                model.classes[position].spread.append((number(key), isSelf(constraint, position)))
            }
        }
        register(order)
    }

    private func isSelf(_ constraint: TopologySpread, _ position: Int) -> Bool {
        let labels = terms.keys[position].labels
        return constraint.effectiveSelector(for: labels)?.matches(labels) ?? false
    }

    /// The class's spread constraints; only nodes with all their topology keys count, and those the node policies include.
    private mutating func spreadKeys(_ position: Int) -> [(TopologySpread, TermKey)] {
        let key = terms.keys[position]
        if key.spread.isEmpty { return [] }
        let withKeys = nodes(with: key.spread.map(\.topologyKey))
        model.classes[position].allowed.formIntersection(withKeys)
        return key.spread.map { constraint in
            var counted = withKeys
            if constraint.nodeAffinityPolicy == .honor {
                counted.formIntersection(groups.nodes(matching: key.place.affinity))
            }
            var drops = false
            if constraint.nodeTaintsPolicy == .honor {
                counted.formIntersection(groups.nodes { key.place.taints.tolerates($0) })
                drops = !key.place.taints.tolerates([TaintRule.cordon])
                if drops { removeCordoned(&counted) }
            }
            let kind = TopologyCounter.Kind.spread(
                maxSkew: Int(min(1 << 30, max(1, constraint.maxSkew))),
                minDomains: Int(min(1 << 30, max(1, constraint.minDomains ?? 1)))
            )
            return (
                constraint,
                TermKey(
                    kind: kind,
                    selectors: [constraint.effectiveSelector(for: key.labels)],
                    scopes: [Scope(own: key.namespace)],
                    topologyKey: constraint.topologyKey,
                    counted: counted,
                    dropsCordoned: drops
                )
            )
        }
    }

    private func removeCordoned(_ set: inout NodeSet) {
        for (node, source) in sourceNodes.enumerated() where source.unschedulable { set.remove(node) }
    }

    // MARK: Counters

    private mutating func register(_ order: [TermKey]) {
        let matcher = ClassMatcher(terms.keys)
        for (number, key) in order.enumerated() {
            var counter = TopologyCounter(kind: key.kind, topology: topology(key.topologyKey, key.counted))
            counter.dropsCordoned = key.dropsCordoned
            model.counters.append(counter)
            for position in matcher.candidates(key.selectors) where matches(position, key) {
                model.classes[position].counted.append(number)
                switch key.kind {
                case .affinity: break
                case .exclusion: model.classes[position].countedExclusion.append(number)
                case .spread: model.classes[position].countedSpread.append(number)
                }
            }
        }
        for position in model.classes.indices where !model.classes[position].affinity.isEmpty {
            let counted = model.classes[position].counted
            model.classes[position].isOwnCompany = model.classes[position].affinity.allSatisfy(counted.contains)
        }
    }

    private func matches(_ position: Int, _ key: TermKey) -> Bool {
        let labels = terms.keys[position].labels
        let namespace = terms.keys[position].namespace
        for (selector, scope) in zip(key.selectors, key.scopes) {
            guard let selector, selector.matches(labels) else { return false }
            if scope.namespaces.contains(namespace) { continue }
            guard let wanted = scope.selector, wanted.matches(index.namespaceLabels(namespace)) else { return false }
        }
        return true
    }

    /// Nodes that have all the labels.
    private mutating func nodes(with labels: [String]) -> NodeSet {
        let wanted = Set(labels).sorted()
        if let known = terms.nodesWith[wanted] { return known }
        var set = NodeSet(capacity: model.nodes.count)
        for (node, info) in model.nodes.enumerated() where wanted.allSatisfy({ info.labels[$0] != nil }) {
            set.insert(node)
        }
        terms.nodesWith[wanted] = set
        return set
    }

    /// Domains of a label over all nodes, or over those that count.
    private mutating func topology(_ label: String, _ counted: NodeSet?) -> Int {
        let key = TermTable.TopologyKey(label: label, counted: counted)
        if let known = terms.topologies[key] { return known }
        let all = terms.domains[label] ?? domains(label)
        terms.domains[label] = all
        var topology = all
        if let counted {
            for node in topology.domain.indices where !counted.contains(node) { topology.domain[node] = -1 }
        }
        terms.topologies[key] = model.topologies.count
        model.topologies.append(topology)
        return model.topologies.count - 1
    }

    private func domains(_ label: String) -> Topology {
        let values = Set(model.nodes.compactMap { $0.labels[label] }).sorted()
        var numbers: [String: Int32] = [:]
        for (number, value) in values.enumerated() { numbers[value] = Int32(number) }
        return Topology(
            domain: model.nodes.map { $0.labels[label].flatMap { numbers[$0] } ?? -1 },
            domainCount: values.count,
            isLasting: label != "kubernetes.io/hostname"
        )
    }

    /// Counts kept at once; beyond it the memory would not be bounded any more.
    private static let mostCounts = 40_000_000

    /// A cluster with too many different terms for its size is left alone: nothing moves without its rules.
    mutating func dropTermsBeyondMemory() {
        let sum = model.counters.reduce(0) { $0 + model.topologies[$1.topology].domainCount }
        guard sum > Self.mostCounts else { return }
        for position in model.classes.indices where model.classes[position].hasTerms {
            let podClass = model.classes[position]
            let nowhere = NodeSet(capacity: model.nodes.count)
            model.classes[position] = PodClass(request: podClass.request, allowed: nowhere, ports: podClass.ports)
        }
        model.counters = []
        for node in 0..<model.nodeCount { model.nodes[node].blocks.append(NodeBlock("too_many_terms")) }
        model.assumptions.append("the pods' terms on each other are too many to keep count of: nothing is drained")
    }
}
