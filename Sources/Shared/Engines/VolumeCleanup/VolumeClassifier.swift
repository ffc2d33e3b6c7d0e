import Contract

/// Says of one disk what is to become of it, by rules in a fixed order: the first that applies decides.
struct VolumeClassifier {
    let request: VolumeRequest
    let claims: StorageClaims
    let copies: SnapshotIndex
    let now: Timestamp

    private typealias Ruling = (VolumeVerdict.Finding, String?)

    func verdict(_ volume: EBSVolume, _ tags: VolumeTags) -> VolumeVerdict {
        var verdict = VolumeVerdict(volume: volume, finding: .inUse)
        verdict.isOfCluster = tags.isOfCluster
        if let (finding, detail) = busy(volume) {
            verdict.finding = finding
            verdict.detail = detail
            return verdict
        }
        verdict.unattached = UnattachedTime(volume, tags, request, now: now)
        if let (finding, detail) = kept(volume, tags) ?? wanted(volume, tags) {
            verdict.finding = finding
            verdict.detail = detail
            return verdict
        }
        verdict.graceDays = tags.isOfCluster ? request.policy.clusterGraceDays : request.policy.graceDays
        judgeAge(&verdict)
        return verdict
    }

    /// Only what is available and has no attachment is without a machine; with multi-attach that means none of all.
    private func busy(_ volume: EBSVolume) -> Ruling? {
        switch volume.state {
        case .inUse: return (.inUse, nil)
        case .creating: return (.creating, nil)
        case .deleting, .deleted: return (.deleting, nil)
        case .error: return (.error, nil)
        case .unknown: return (.stateUnknown, nil)
        case .available: return volume.attachments.isEmpty ? nil : (.conflictingState, "available, but attached")
        }
    }

    private func kept(_ volume: EBSVolume, _ tags: VolumeTags) -> Ruling? {
        if let tag = request.ignore.match(volume.tags) { return (.ignoredByTag, tag) }
        if let tag = tags.keeper { return (.keepTag, tag) }
        if copies.hasPending(volume.id) { return (.snapshotInProgress, nil) }
        if volume.isFastRestored { return (.fastRestore, nil) }
        if let image = copies.image(of: volume.id) { return (.imageRoot, image) }
        if let created = volume.createdAt, created > now { return (.createdInFuture, created.description) }
        return nil
    }

    private func wanted(_ volume: EBSVolume, _ tags: VolumeTags) -> Ruling? {
        if let reference = claims.reference(to: volume, tags) {
            return VolumeVerdict.Finding(rawValue: reference.rawValue).map { ($0, nil) }
        }
        let names = tags.ownership.names
        let isForeign = !names.isEmpty && !names.contains(where: claims.names.contains)
        if isForeign, !request.clusters.isEmpty { return (.otherCluster, names.joined(separator: ", ")) }
        // A disk that a cluster made needs that cluster's list to be called forsaken.
        if tags.isOfCluster, !request.clusters.contains(where: \.hasVolumeList) { return (.noVolumeList, nil) }
        if request.clusters.contains(where: \.hasUnreadableVolumes) { return (.unreadableVolumes, nil) }
        return nil
    }

    private func judgeAge(_ verdict: inout VolumeVerdict) {
        guard let unattached = verdict.unattached else { return verdict.finding = .detachUnknown }
        guard unattached.days(until: now) >= verdict.graceDays else {
            verdict.detail = "unattached since \(unattached.since)"
            return verdict.finding = .withinGrace
        }
        if let newest = copies.newestCompleted(verdict.volume.id) {
            if request.policy.snapshots == .exclude {
                verdict.detail = newest.id
                return verdict.finding = .hasSnapshots
            }
            // After an attachment of unknown length anything may have been written past the snapshot.
            if unattached.source != .attachTag, newest.at > unattached.since { verdict.recentSnapshot = newest.id }
        }
        verdict.finding = .zombie
    }
}
