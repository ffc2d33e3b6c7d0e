import Contract

extension VolumeRequest {
    private static let volumeNames = ["volumes", "ebs_volumes", "ec2_volumes", "describe_volumes", "Volumes"]
    private static let listNames: Set<String> = [
        "persistentvolumes", "persistentvolumelist", "pvs", "pv", "k8spvs", "kubernetespvs",
    ]

    /// Objects that may want a disk; one that could not be read may want any.
    private static let storageKinds: Set<String> = ["", "PersistentVolume", "PersistentVolumeClaim", "StatefulSet"]

    /// Reads the question out of a decision request.
    ///
    /// - Throws: 422 naming the field, when the disks are missing or a wish cannot be read.
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.init()
        let fields = RequestFields(request)
        explains = request.explains
        try readVolumes(fields, request)
        try readCopies(fields, request)
        try readClusters(fields, request)
        try readPolicy(fields)
        detached = try fields.moments(["last_detach", "last_detached", "detach_times", "detached_at"], &itemProblems)
        firstSeen = try fields.moments(["first_seen", "first_seen_unattached"], &itemProblems)
        servicePrices = try ServicePriceOverrides(request.requirementsReader)
        itemProblems += servicePrices.problems
        let place = try fields.region(
            or: RequestFields.commonest(ofZones: volumes.lazy.map(\.zone)) ?? request.cluster.region,
            defaults
        )
        (region, regionField) = (place.name, place.field)
        if place.isAssumed { assumed.append("region") }
    }

    private static func field(
        _ names: [String],
        _ fields: RequestFields,
        _ request: DecisionRequest
    ) throws(APIError) -> JSONReader? {
        if let field = try fields.first(names) { return field }
        guard case .object = request.clusterState else { return nil }
        return try request.clusterStateReader.first(of: names)
    }

    private mutating func readVolumes(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        guard let field = try Self.field(Self.volumeNames, fields, request) else {
            throw APIError(
                .missingField,
                "requirements.volumes is missing",
                field: "requirements.volumes",
                hint: "Send what aws ec2 describe-volumes prints; an empty list is allowed."
            )
        }
        let listing = EBSVolume.listing(field)
        volumes = listing.items
        itemProblems += listing.problems
        unclear = Set(listing.unreadable)
        if listing.isIncomplete { warnings.append("the list of disks is not complete: what is missing is not judged") }
    }

    private mutating func readCopies(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        let names = ["snapshots", "ebs_snapshots", "describe_snapshots", "Snapshots"]
        if let field = try Self.field(names, fields, request) {
            let listing = EBSSnapshot.listing(field)
            itemProblems += listing.problems
            snapshots = listing.items
            if listing.isIncomplete || !listing.unreadable.isEmpty || !listing.problems.isEmpty {
                snapshotsAreComplete = false
            }
        }
        if let field = try Self.field(["images", "amis", "describe_images"], fields, request) {
            imageSnapshots = Self.snapshotIDs(in: field.value, depth: 0)
        }
    }

    /// Every snapshot that an image's devices name, wherever in the description they stand.
    private static func snapshotIDs(in value: JSONValue, depth: Int) -> Set<String> {
        guard depth < 8 else { return [] }
        switch value {
        case .array(let items): return items.reduce(into: []) { $0.formUnion(snapshotIDs(in: $1, depth: depth + 1)) }
        case .object(let object):
            return object.members.reduce(into: []) { ids, member in
                if member.key == "SnapshotId" || member.key == "snapshot_id", let id = member.value.string {
                    ids.insert(id)
                } else {
                    ids.formUnion(snapshotIDs(in: member.value, depth: depth + 1))
                }
            }
        case .string(let text): return text.hasPrefix("snap-") ? [text] : []
        default: return []
        }
    }

    private mutating func readClusters(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        var own = SuppliedCluster(state: request.cluster)
        own.names = [
            try fields.text(["cluster_name", "eks_cluster_name", "cluster"]), request.cluster.clusterName,
            request.clusterID,
        ].compactMap { $0 }
        let keys = (request.clusterState.object?.keys ?? []) + request.requirements.keys
        own.hasVolumeList = !request.cluster.persistentVolumes.isEmpty || keys.contains(where: Self.namesVolumeList)
        add(own)
        guard let others = try fields.first(["clusters", "other_clusters"]) else { return }
        for element in try others.elements() {
            var cluster = SuppliedCluster()
            do throws(APIError) {
                let state = try element.first(of: ["cluster_state", "current_state", "state"]) ?? element
                cluster.state = ClusterState(state: .object(try state.object()))
                cluster.names = [
                    try element.first(of: ["name", "cluster_name", "cluster_id"])?.string(), cluster.state.clusterName,
                ].compactMap { $0 }
                let keys = try state.object().keys
                cluster.hasVolumeList =
                    !cluster.state.persistentVolumes.isEmpty || keys.contains(where: Self.namesVolumeList)
            } catch {
                // A cluster that cannot be read may want any disk.
                itemProblems.append(ItemProblem(error, at: element))
                cluster.hasUnreadableVolumes = true
            }
            add(cluster)
        }
    }

    private static func namesVolumeList(_ key: String) -> Bool {
        listNames.contains(key.lowercased().filter { $0 != "_" && $0 != "-" })
    }

    private mutating func add(_ cluster: SuppliedCluster) {
        var cluster = cluster
        itemProblems += cluster.state.problems
        if cluster.state.isMostlyUnreadable
            || cluster.state.unreadable.contains(where: { Self.storageKinds.contains($0.kind) })
        {
            cluster.hasUnreadableVolumes = true
        }
        clusters.append(cluster)
    }

    private mutating func readPolicy(_ fields: RequestFields) throws(APIError) {
        let least = Self.leastGraceDays
        if let days = try fields.number(["grace_days", "min_age_days", "min_unattached_days"], in: 0...36_500, "days") {
            if days < least { warnings.append("grace_days was raised to \(Int(least)), the least that is safe") }
            policy.graceDays = max(least, days)
            policy.clusterGraceDays = max(policy.clusterGraceDays, policy.graceDays)
        }
        if let days = try fields.number(["pv_grace_days", "cluster_grace_days"], in: 0...36_500, "days") {
            if days < least { warnings.append("pv_grace_days was raised to \(Int(least)), the least that is safe") }
            policy.clusterGraceDays = max(least, days)
        }
        policy.noticeDays = try fields.number(["notice_days"], in: 1...365, "days") ?? policy.noticeDays
        if let field = try fields.first(["snapshot_policy"]) {
            guard let named = SnapshotPolicy(rawValue: try field.string().lowercased()) else {
                throw field.invalid("is no known policy", hint: "Send exclude or snapshot_then_delete.")
            }
            policy.snapshots = named
        }
        if let tags = try fields.first(["ignore_tags", "ignored_tags", "exclude_tags"]) {
            ignore = TagGuard(TagGuard.standard + (try tags.strings()))
        }
    }
}
