/// A disk as EC2 describes it.
package struct EBSVolume: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case creating, available, deleting, deleted, error
        case inUse = "in-use"
        /// The description has none, or one we do not know: nothing may be concluded from it.
        case unknown
    }

    package struct Attachment: Sendable, Hashable {
        package var instanceID: String
        /// `attaching`, `attached`, `detaching`, `detached`, `busy`.
        package var state: String
        package var device: String
        package var attachedAt: Timestamp?
        package var deleteOnTermination: Bool?

        package init(
            instanceID: String,
            state: String = "attached",
            device: String = "",
            attachedAt: Timestamp? = nil,
            deleteOnTermination: Bool? = nil
        ) {
            self.instanceID = instanceID
            self.state = state
            self.device = device
            self.attachedAt = attachedAt
            self.deleteOnTermination = deleteOnTermination
        }
    }

    package var id: String
    /// `gp2`, `gp3`, `io1`, `io2`, `st1`, `sc1`, `standard`; empty when it is not known.
    package var type = ""
    /// GiB; nothing when it is not known.
    package var sizeGiB: Int64?
    package var iops: Int64?
    /// MiB per second.
    package var throughput: Int64?
    package var state = State.unknown
    package var createdAt: Timestamp?
    package var attachments: [Attachment] = []
    package var tags: Labels = [:]
    package var zone: String?
    package var isMultiAttach = false
    package var isEncrypted = false
    /// The snapshot it was made from; nothing for an empty disk.
    package var snapshotID: String?
    /// Made from a snapshot with fast restore, which is paid by the hour.
    package var isFastRestored = false
    /// When it was last detached, where the caller supplied it.
    package var detachedAt: Timestamp?
    /// The members as sent when it came in a shape of the caller's own; empty for native ones.
    package var flat = JSONObject()

    package init(id: String) { self.id = id }

    package var region: String? { zone.flatMap { RegionName.region(ofZone: $0) } }
    /// True when the list of attachments and the state both say so.
    package var isUnattached: Bool { state == .available && attachments.isEmpty }
}
