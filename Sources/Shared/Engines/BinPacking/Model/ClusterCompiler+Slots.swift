import Contract

/// Slots for one new node: what it would look like if it took over labels and taints of a node that goes.
extension ClusterCompiler {
    /// Different kinds of nodes that a replacement may stand in for; more are not tried.
    private static let mostSlots = 24

    private struct Key: Hashable {
        var labels: Labels
        var taints: [Taint]
        var zone: String?
        var isSpot: Bool
    }

    /// One slot for each kind of node that may be drained, the most frequent kinds first.
    mutating func addSlots() {
        guard options.allowsReplacement else { return }
        var kinds: [Key: [Int]] = [:]
        for (position, node) in model.nodes.enumerated() {
            guard node.blocks.isEmpty, node.price != nil, let type = node.instanceType, market.catalogue[type] != nil,
                node.zone != nil
            else { continue }
            let key = Key(
                labels: Self.inherited(node.labels),
                taints: node.taints,
                zone: node.zone,
                isSpot: node.isSpot
            )
            kinds[key, default: []].append(position)
        }
        let order = kinds.values.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
        var variants: [(template: Int, isSpot: Bool)] = []
        for members in order.prefix(Self.mostSlots) {
            variants.append((members[0], model.nodes[members[0]].isSpot))
            if options.allowsSpotReplacement, !model.nodes[members[0]].isSpot { variants.append((members[0], true)) }
        }
        for (number, variant) in variants.enumerated() { addSlot(variant.template, variant.isSpot, number: number) }
    }

    /// Labels that a new machine of another type shares with the old one.
    private static func inherited(_ labels: Labels) -> Labels {
        Labels(
            labels.entries.filter { entry in
                let key = entry.key
                return ![
                    "kubernetes.io/hostname", "node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type",
                ]
                .contains(key) && !key.hasPrefix("karpenter.k8s.aws/instance-")
                    && !key.hasPrefix("topology.k8s.aws/network-node-layer")
                    && !key.hasPrefix("alpha.eksctl.io/instance-id")
            }
        )
    }

    private static let capacityLabels = [
        "karpenter.sh/capacity-type": ("spot", "on-demand"), "eks.amazonaws.com/capacityType": ("SPOT", "ON_DEMAND"),
        "node.kubernetes.io/lifecycle": ("spot", "normal"),
    ]

    private mutating func addSlot(_ template: Int, _ isSpot: Bool, number: Int) {
        let old = model.nodes[template]
        // No node may already have the name; a slot that does would be taken for it.
        var name = "replacement-\(number + 1)"
        while nodeIndex[name] != nil { name += "x" }
        var labels = Self.inherited(old.labels)
        if old.labels["kubernetes.io/hostname"] != nil { labels["kubernetes.io/hostname"] = name }
        for (label, values) in Self.capacityLabels where labels[label] != nil {
            labels[label] = isSpot ? values.0 : values.1
        }
        nodeIndex[name] = model.nodes.count
        model.nodes.append(
            PackNode(
                name: name,
                zone: old.zone,
                capacityType: isSpot ? .spot : .onDemand,
                price: nil,
                priceOrigin: .unknown,
                template: template,
                labels: labels,
                taints: old.taints
            )
        )
        append(Array(repeating: 0, count: model.dimensions))
        model.zoneOf.append(model.zoneOf[template])
    }
}
