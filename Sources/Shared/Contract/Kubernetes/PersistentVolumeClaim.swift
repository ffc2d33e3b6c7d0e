/// A pod's claim on storage.
package struct PersistentVolumeClaim: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case pending = "Pending"
        case bound = "Bound"
        case lost = "Lost"
    }

    package var meta: ObjectMeta
    /// Nothing until it is bound.
    package var volumeName: String?
    package var phase: Phase?
    /// Nothing for the cluster's default class, empty for no class.
    package var storageClass: String?
    package var accessModes: [String] = []
    /// Bytes asked for.
    package var requestedStorage: Int64?
    /// Bytes it got.
    package var capacity: Int64?

    package init(meta: ObjectMeta) { self.meta = meta }

    package var key: ObjectKey { meta.key }
    package var isBound: Bool { volumeName != nil && phase != .pending }
    /// The node that the scheduler picked for it while it waits.
    package var selectedNode: String? { meta.annotations["volume.kubernetes.io/selected-node"] }
}
