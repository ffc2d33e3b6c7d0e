import Contract

/// Since when a disk has been without a machine, and how that is known.
struct UnattachedTime: Sendable, Hashable {
    enum Source: String, Sendable {
        /// The caller's own knowledge of the detachment.
        case detachment = "last_detach"
        /// A tag with the last attachment: the detachment came later, nobody knows when.
        case attachTag = "last_attach_time_tag"
        /// Our own history: unattached at least since then.
        case history = "first_seen"
    }

    var since: Timestamp
    var source: Source
    /// What age is counted from: the later of that and of the creation.
    var countedFrom: Timestamp

    /// Nothing when nobody knows; times in the future, or before there were disks, are nobody's knowledge.
    init?(_ volume: EBSVolume, _ tags: VolumeTags, _ request: VolumeRequest, now: Timestamp) {
        let candidates: [(Timestamp?, Source)] = [
            (volume.detachedAt ?? request.detached[volume.id], .detachment), (tags.lastAttach, .attachTag),
            (request.firstSeen[volume.id], .history),
        ]
        for case (let time?, let source) in candidates {
            guard time.isPlausible(at: now) else { return nil }
            since = time
            self.source = source
            countedFrom = max(time, volume.createdAt ?? time)
            return
        }
        return nil
    }

    func days(until now: Timestamp) -> Double { now.hours(since: countedFrom) / 24 }
}
