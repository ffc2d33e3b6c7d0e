/// Pods that another pod wants near, or away.
package struct PodAffinityTerm: Sendable, Hashable {
    /// Nothing: no pod matches.
    package var selector: LabelSelector?
    package var topologyKey: String
    package var namespaces: [String]
    /// Nothing: only ``namespaces`` count; empty: every namespace.
    package var namespaceSelector: LabelSelector?
    /// Keys whose value the other pod must share with this one.
    package var matchLabelKeys: [String]
    /// Keys whose value the other pod must not share with this one.
    package var mismatchLabelKeys: [String]

    package init(
        selector: LabelSelector?,
        topologyKey: String,
        namespaces: [String] = [],
        namespaceSelector: LabelSelector? = nil,
        matchLabelKeys: [String] = [],
        mismatchLabelKeys: [String] = []
    ) {
        self.selector = selector
        self.topologyKey = topologyKey
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.matchLabelKeys = matchLabelKeys
        self.mismatchLabelKeys = mismatchLabelKeys
    }

    /// The selector with the label keys filled in from the pod that carries the term.
    ///
    /// Keys that the pod lacks are ignored, as the API server ignores them.
    package func effectiveSelector(for own: Labels) -> LabelSelector? {
        guard var selector, !matchLabelKeys.isEmpty || !mismatchLabelKeys.isEmpty else { return selector }
        for key in matchLabelKeys {
            guard let value = own[key] else { continue }
            selector.matchExpressions.append(.init(key: key, operator: .in, values: [value]))
        }
        for key in mismatchLabelKeys {
            guard let value = own[key] else { continue }
            selector.matchExpressions.append(.init(key: key, operator: .notIn, values: [value]))
        }
        return selector
    }

    /// True when pods of that namespace are meant.
    ///
    /// The labels are those of the other pod's namespace, empty when they are not known; `own` is the namespace of the
    /// pod that carries the term.
    package func covers(namespace: String, labels: Labels, own: String) -> Bool {
        if namespaces.isEmpty, namespaceSelector == nil { return namespace == own }
        return namespaces.contains(namespace) || namespaceSelector?.matches(labels) ?? false
    }
}
