/// Where a pod wants to be, relative to nodes and to other pods.
package struct Affinity: Sendable, Hashable {
    package struct PreferredNode: Sendable, Hashable {
        /// 1 to 100.
        package var weight: Int64
        package var term: NodeSelectorTerm

        package init(weight: Int64, term: NodeSelectorTerm) {
            self.weight = weight
            self.term = term
        }
    }

    package struct PreferredPod: Sendable, Hashable {
        /// 1 to 100.
        package var weight: Int64
        package var term: PodAffinityTerm

        package init(weight: Int64, term: PodAffinityTerm) {
            self.weight = weight
            self.term = term
        }
    }

    /// Alternatives, one of which must match; nothing when nodes are not restricted.
    ///
    /// A list that is there and empty matches no node.
    package var requiredNodeTerms: [NodeSelectorTerm]?
    package var preferredNodeTerms: [PreferredNode]
    /// All of them must hold.
    package var requiredPodTerms: [PodAffinityTerm]
    package var preferredPodTerms: [PreferredPod]
    /// None of them may be violated.
    package var requiredAntiTerms: [PodAffinityTerm]
    package var preferredAntiTerms: [PreferredPod]

    package init(
        requiredNodeTerms: [NodeSelectorTerm]? = nil,
        preferredNodeTerms: [PreferredNode] = [],
        requiredPodTerms: [PodAffinityTerm] = [],
        preferredPodTerms: [PreferredPod] = [],
        requiredAntiTerms: [PodAffinityTerm] = [],
        preferredAntiTerms: [PreferredPod] = []
    ) {
        self.requiredNodeTerms = requiredNodeTerms
        self.preferredNodeTerms = preferredNodeTerms
        self.requiredPodTerms = requiredPodTerms
        self.preferredPodTerms = preferredPodTerms
        self.requiredAntiTerms = requiredAntiTerms
        self.preferredAntiTerms = preferredAntiTerms
    }

    package var isEmpty: Bool { self == Affinity() }
}
