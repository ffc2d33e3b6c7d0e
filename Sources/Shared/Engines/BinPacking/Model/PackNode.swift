import Contract

/// A node as the packing sees it: an existing one, or a slot for a replacement.
struct PackNode: Sendable {
    var name: String
    var instanceType: String?
    var zone: String?
    var capacityType: Node.CapacityType
    /// Billionths of a USD per hour; nothing when no price is known.
    var price: Int64?
    var priceOrigin: ExactPrice.Origin
    /// Why nothing may be placed here; nothing when it may.
    var closedTo: String?
    /// Why the node may not be drained; empty when it may.
    var blocks: [NodeBlock] = []
    /// Allocatable came from the type's reserve formula.
    var isEstimated = false
    /// The most EBS volumes, and whether that is an assumption.
    var attachLimit: Int64 = 0
    var attachLimitIsAssumed = false
    /// For a slot: the node whose labels and taints the replacement takes over.
    var template: Int?
    var labels: Labels
    var taints: [Taint]
    var createdAt: Timestamp?

    var isSlot: Bool { template != nil }
    var isSpot: Bool { capacityType == .spot }
}

/// Why a node stays.
struct NodeBlock: Sendable, Hashable {
    /// A short stable code such as `pod_without_controller`.
    var reason: String
    /// `namespace/name` of the pod that blocks, when one does.
    var pod: String?
    var detail: String?

    init(_ reason: String, pod: String? = nil, detail: String? = nil) {
        self.reason = reason
        self.pod = pod
        self.detail = detail
    }
}
