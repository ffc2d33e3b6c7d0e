import Contract

/// Says of one machine that is no node what it is, by rules in a fixed order: the first that applies decides.
struct GhostClassifier {
    let request: GhostRequest
    /// The cluster the node list belongs to; nothing when nobody can tell.
    let cluster: String?
    let now: Timestamp

    func verdict(_ instance: EC2Instance, _ ownership: ClusterOwnership) -> GhostVerdict {
        var verdict = GhostVerdict(instance: instance, finding: .unrelated)
        if let (finding, detail) = unconcerned(instance) ?? foreign(ownership) ?? special(instance) {
            verdict.finding = finding
            verdict.detail = detail
            return verdict
        }
        verdict.missingSince = request.scans.since(instance.id, now: now)
        (verdict.finding, verdict.detail) = missing(instance, ownership, since: verdict.missingSince)
        return verdict
    }

    private typealias Ruling = (GhostVerdict.Finding, String?)

    private func unconcerned(_ instance: EC2Instance) -> Ruling? {
        switch instance.state {
        case .terminated, .shuttingDown: return (.terminated, instance.state.rawValue)
        case .unknown: return (.stateUnknown, nil)
        default: break
        }
        return request.ignore.match(instance.tags).map { (.ignoredByTag, $0) }
    }

    /// Only what carries this cluster's tag, and no other one's, can be its ghost.
    private func foreign(_ ownership: ClusterOwnership) -> Ruling? {
        if ownership.isNone { return (.unrelated, nil) }
        let names = ownership.names
        guard let cluster else { return (.clusterUnknown, names.isEmpty ? nil : names.joined(separator: ", ")) }
        if names.isEmpty { return (.clusterUnknown, nil) }
        guard names.contains(cluster) else { return (.otherCluster, names.joined(separator: ", ")) }
        if names.count > 1 { return (.severalClusters, names.joined(separator: ", ")) }
        return nil
    }

    private func special(_ instance: EC2Instance) -> Ruling? {
        switch InstanceRole.of(instance) {
        case .controlPlane: return (.controlPlane, nil)
        case .bastion: return (.bastion, nil)
        case nil: break
        }
        if let state = instance.autoScalingLifecycleState?.lowercased(), !state.isEmpty {
            if state.hasPrefix("warmed") { return (.warmPool, state) }
            if state.hasSuffix("standby") { return (.standby, state) }
            if state != "inservice" { return (.groupTransition, state) }
        }
        if instance.state == .stopped || instance.state == .stopping { return (.stopped, nil) }
        return nil
    }

    private func missing(_ instance: EC2Instance, _ ownership: ClusterOwnership, since: Timestamp?) -> Ruling {
        guard let launched = instance.launchTime, launched.isPlausible(at: now) else { return (.launchUnknown, nil) }
        let age = now.hours(since: launched)
        if instance.state == .pending || age * 60 < request.policy.bootMinutes { return (.booting, nil) }
        guard age > request.policy.graceHours else { return (.withinGrace, nil) }
        // Seen missing before it was even launched: that was another machine, or a wrong clock.
        guard let since, since >= launched, now.hours(since: since) >= request.policy.hoursBetweenScans else {
            return (.awaitingSecondScan, since?.description)
        }
        if let group = instance.autoScalingGroup, !group.isEmpty { return (.groupMember, group) }
        if instance.isTerminationProtected == true { return (.terminationProtected, nil) }
        if ownership.owners.isEmpty { return (.sharedCluster, nil) }
        return (.ghost, nil)
    }
}
