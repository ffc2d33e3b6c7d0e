import Contract

/// Which nodes a pod's own selector and required affinity allow.
///
/// Kubernetes: component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go (`GetRequiredNodeAffinity`): the
/// selector's labels all hold, and one of the affinity's terms holds; a term without expressions holds nowhere, and so
/// does an empty list of terms.
struct NodeAffinityRule: Sendable, Hashable {
    var selector: Labels
    var terms: [NodeSelectorTerm]?

    init(_ pod: Pod) {
        selector = pod.nodeSelector
        terms = pod.affinity?.requiredNodeTerms
    }

    var usesNames: Bool { terms?.contains { !$0.matchFields.isEmpty } ?? false }
    var keys: [String] { selector.keys + (terms ?? []).flatMap { $0.matchExpressions.map(\.key) } }

    func matches(_ labels: Labels, name: String) -> Bool {
        selector.allSatisfy { labels[$0.key] == $0.value }
            && terms?.contains { $0.matches(labels, nodeName: name) } ?? true
    }

    /// The rule without the node's name in it: what the pods of a DaemonSet, which are each tied to one node, ask of any.
    var withoutNames: NodeAffinityRule {
        var rule = self
        rule.terms = terms?.map { term in
            var term = term
            if !term.matchFields.isEmpty, term.matchExpressions.isEmpty {
                // An expression that always holds keeps the term from becoming an empty one.
                term.matchExpressions = [.init(key: "kubernetes.io/never-set", operator: .doesNotExist)]
            }
            term.matchFields = []
            return term
        }
        return rule
    }
}
