/// A copy of a disk as EC2 describes it.
package struct EBSSnapshot: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case pending, completed, error, recoverable, recovering
        case unknown
    }

    package var id: String
    /// Empty when it is not known; `vol-ffffffff` for copies from elsewhere.
    package var volumeID = ""
    package var state = State.unknown
    package var startedAt: Timestamp?
    /// GiB of the disk it was taken from.
    package var volumeSizeGiB: Int64?
    package var tags: Labels = [:]
    package var description = ""
    /// `standard` or `archive`.
    package var storageTier = "standard"
    package var isEncrypted = false
    package var ownerID = ""

    package init(id: String) { self.id = id }
}
