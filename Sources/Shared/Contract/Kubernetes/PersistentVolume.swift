/// Storage of a cluster, and the cloud disk behind it.
package struct PersistentVolume: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case pending = "Pending"
        case available = "Available"
        case bound = "Bound"
        case released = "Released"
        case failed = "Failed"
    }

    package enum ReclaimPolicy: String, Sendable, Hashable, CaseIterable {
        case retain = "Retain"
        case delete = "Delete"
        case recycle = "Recycle"
    }

    package var meta: ObjectMeta
    /// The claim it is bound to, or was.
    package var claim: ObjectKey?
    package var claimUID = ""
    package var phase: Phase?
    package var reclaimPolicy: ReclaimPolicy?
    /// Of the CSI driver; empty for volumes without one.
    package var csiDriver = ""
    package var volumeHandle = ""
    /// `vol-0123…`, from the CSI handle or from awsElasticBlockStore; nothing for other storage.
    package var ebsVolumeID: String?
    /// Alternatives, one of which a node must match; nothing when every node can mount it.
    package var nodeAffinity: [NodeSelectorTerm]?
    /// Bytes.
    package var capacity: Int64?
    package var storageClass = ""
    package var accessModes: [String] = []
    /// From the zone labels, or from a node affinity that allows one zone only.
    package var zone: String?

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
}
