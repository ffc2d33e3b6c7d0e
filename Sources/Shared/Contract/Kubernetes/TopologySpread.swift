/// How evenly pods must lie over the domains of a topology.
package struct TopologySpread: Sendable, Hashable {
    package enum NodePolicy: String, Sendable, Hashable, CaseIterable {
        case honor = "Honor"
        case ignore = "Ignore"
    }

    package var maxSkew: Int64
    package var topologyKey: String
    /// DoNotSchedule; otherwise the constraint is only a wish.
    package var isRequired: Bool
    /// Nothing: no pod is counted.
    package var selector: LabelSelector?
    /// Fewer domains than this count as if an empty one existed.
    package var minDomains: Int64?
    /// Whether nodes that the pod's affinity and selector exclude are left out of the domains; `Honor` unless written.
    package var nodeAffinityPolicy: NodePolicy
    /// Whether nodes with taints that the pod does not tolerate are left out; `Ignore` unless written.
    package var nodeTaintsPolicy: NodePolicy
    package var matchLabelKeys: [String]

    package init(
        maxSkew: Int64 = 1,
        topologyKey: String,
        isRequired: Bool = true,
        selector: LabelSelector? = nil,
        minDomains: Int64? = nil,
        nodeAffinityPolicy: NodePolicy = .honor,
        nodeTaintsPolicy: NodePolicy = .ignore,
        matchLabelKeys: [String] = []
    ) {
        self.maxSkew = maxSkew
        self.topologyKey = topologyKey
        self.isRequired = isRequired
        self.selector = selector
        self.minDomains = minDomains
        self.nodeAffinityPolicy = nodeAffinityPolicy
        self.nodeTaintsPolicy = nodeTaintsPolicy
        self.matchLabelKeys = matchLabelKeys
    }

    /// The selector with the label keys filled in from the pod that carries the constraint.
    package func effectiveSelector(for own: Labels) -> LabelSelector? {
        guard var selector, !matchLabelKeys.isEmpty else { return selector }
        for key in matchLabelKeys {
            guard let value = own[key] else { continue }
            selector.matchExpressions.append(.init(key: key, operator: .in, values: [value]))
        }
        return selector
    }
}
