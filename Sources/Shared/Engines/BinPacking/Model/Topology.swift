/// Which domain of a topology each node lies in: zones, hosts, racks.
struct Topology: Sendable, Hashable {
    /// Domain by node; -1 where the node has none or does not count.
    var domain: [Int32]
    var domainCount: Int
    /// A domain that loses its last node goes on counting as an empty one.
    ///
    /// True for zones and the like: they still exist, and a new node can come up there. A host ends with its node.
    var isLasting: Bool
}

/// Counts pods by domain for one term of one rule.
///
/// Equal terms of any number of pods share a counter. The counts themselves are in ``Placement``.
struct TopologyCounter: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Required pod affinity: an owner needs a match in its domain.
        case affinity
        /// Required pod anti-affinity: an owner bears no match in its domain, and no match comes to an owner's.
        case exclusion
        /// Required topology spread.
        case spread(maxSkew: Int, minDomains: Int)
    }

    var kind: Kind
    var topology: Int
    /// Nodes that are being drained stop counting: the constraint honours taints and its pods do not tolerate a cordon.
    var dropsCordoned = false
}
