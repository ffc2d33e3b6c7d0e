import Contract

/// The snapshots of each disk.
struct SnapshotIndex {
    struct Newest: Sendable, Hashable {
        var id: String
        var at: Timestamp
    }

    private var newest: [String: Newest] = [:]
    private var pending: Set<String> = []
    private var images: [String: String] = [:]

    init(_ snapshots: [EBSSnapshot], imageSnapshots: Set<String>) {
        for snapshot in snapshots where !snapshot.volumeID.isEmpty {
            switch snapshot.state {
            // Not finished, or not known to be: it needs its disk.
            case .pending, .recovering, .unknown: pending.insert(snapshot.volumeID)
            case .completed: addCompleted(snapshot)
            case .error, .recoverable: break
            }
            if imageSnapshots.contains(snapshot.id) || snapshot.description.hasPrefix("Created by CreateImage") {
                images[snapshot.volumeID] = images[snapshot.volumeID].map { min($0, snapshot.id) } ?? snapshot.id
            }
        }
    }

    private mutating func addCompleted(_ snapshot: EBSSnapshot) {
        // Without a time it proves nothing but that there is one.
        let own = Newest(id: snapshot.id, at: snapshot.startedAt ?? Timestamp(milliseconds: .min))
        if let other = newest[snapshot.volumeID], (other.at, other.id) >= (own.at, own.id) { return }
        newest[snapshot.volumeID] = own
    }

    func newestCompleted(_ volume: String) -> Newest? { newest[volume] }
    func hasPending(_ volume: String) -> Bool { pending.contains(volume) }
    /// The snapshot of the disk that an image was made of.
    func image(of volume: String) -> String? { images[volume] }
}
