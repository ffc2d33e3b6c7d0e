import Contract

extension GhostRequest {
    private static let instanceNames = [
        "ec2_instances", "instances", "reservations", "Reservations", "describe_instances",
    ]
    private static let nodeNames = [
        "k8s_node_instance_ids", "node_instance_ids", "k8s_node_ids", "node_provider_ids", "k8s_nodes",
    ]

    /// Reads the question out of a decision request.
    ///
    /// - Throws: 422 naming the field, when the machines are missing or a wish cannot be read.
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.init()
        let fields = RequestFields(request)
        explains = request.explains
        try readInstances(fields, request)
        try readNodes(fields, request)
        try readCluster(fields, request)
        try readScans(fields)
        try readPolicy(fields)
        try readBelongings(fields)
        servicePrices = try ServicePriceOverrides(request.requirementsReader)
        itemProblems += servicePrices.problems
        let place = try fields.region(
            or: RequestFields.commonest(ofZones: instances.lazy.map(\.zone)),
            defaults
        )
        (region, regionField) = (place.name, place.field)
        if place.isAssumed { assumed.append("region") }
    }

    private mutating func readInstances(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        var field = try fields.first(Self.instanceNames)
        if field == nil, case .object = request.clusterState {
            field = try request.clusterStateReader.first(of: Self.instanceNames)
        }
        guard let field else {
            throw APIError(
                .missingField,
                "requirements.ec2_instances is missing",
                field: "requirements.ec2_instances",
                hint: "Send what aws ec2 describe-instances prints; an empty list is allowed."
            )
        }
        let listing = EC2Instance.listing(field)
        instances = listing.items
        itemProblems += listing.problems
        unclear = Set(listing.unreadable)
        if listing.isIncomplete {
            warnings.append("the list of machines is not complete: what is missing is not judged")
        }
    }

    private mutating func readNodes(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        if let list = try fields.first(Self.nodeNames) {
            if case .string = list.value { throw list.wrongType(expected: "a list") }
            for element in try list.elements() { readNode(element) }
        }
        for node in request.cluster.nodes { roster.add(node) }
        for object in request.cluster.unreadable where object.kind == "Node" || object.kind.isEmpty {
            roster.addUnreadable(object.name.isEmpty ? "an unreadable node" : object.name)
        }
        itemProblems += request.cluster.problems
    }

    /// An id, a provider id, or an object that holds one.
    private mutating func readNode(_ element: JSONReader) {
        let names = ["instance_id", "provider_id", "providerID", "id"]
        let text = element.value.string ?? names.lazy.compactMap { element.value[$0]?.string }.first
        if let text {
            roster.add(id: text)
        } else {
            roster.addUnreadable(element.path.description)
            itemProblems.append(ItemProblem(element.wrongType(expected: "an instance id"), at: element))
        }
    }

    private mutating func readCluster(_ fields: RequestFields, _ request: DecisionRequest) throws(APIError) {
        clusterName = try fields.text(["cluster_name", "eks_cluster_name", "cluster"])
        possibleNames = [request.cluster.clusterName, request.clusterID].compactMap { $0 }
    }

    private mutating func readScans(_ fields: RequestFields) throws(APIError) {
        scans.firstMissing = try fields.moments(["first_missing_at", "first_missing"], &itemProblems)
        guard let scan = try fields.first(["previous_scan"]) else { return }
        scans.scannedAt = try scan.first(of: ["scanned_at", "timestamp", "at"])?.moment()
        guard let missing = try scan.first(of: ["missing", "missing_instance_ids", "first_missing_at"]) else { return }
        if case .object = missing.value {
            let times = try RequestFields.moments(missing, &itemProblems)
            scans.missingThen = Set(times.keys)
            scans.firstMissing.merge(times) { first, second in min(first, second) }
        } else {
            scans.missingThen = Set(try missing.strings(maximumCount: 1_000_000))
        }
    }

    private mutating func readPolicy(_ fields: RequestFields) throws(APIError) {
        // Stricter is allowed, laxer is not: the defaults are the least that is safe.
        policy.graceHours =
            try fields.number(["grace_hours", "min_age_hours"], in: 24...87_600, "hours") ?? policy.graceHours
        policy.hoursBetweenScans =
            try fields.number(["scan_interval_hours"], in: 1...8760, "hours") ?? policy.hoursBetweenScans
        policy.largestGhostShare = try fields.number(["max_ghost_share"], in: 0...0.3) ?? policy.largestGhostShare
        if let tags = try fields.first(["ignore_tags", "ignored_tags", "exclude_tags"]) {
            ignore = TagGuard(TagGuard.standard + (try tags.strings()))
        }
    }

    private mutating func readBelongings(_ fields: RequestFields) throws(APIError) {
        if let field = try fields.first(["volumes", "ec2_volumes", "ebs_volumes"]) {
            let listing = EBSVolume.listing(field)
            volumes = Dictionary(listing.items.map { ($0.id, $0) }) { first, _ in first }
            itemProblems += listing.problems
        }
        if let field = try fields.first(["elastic_ips", "addresses", "elastic_addresses"]) {
            let listing = ElasticAddress.listing(field)
            elasticAddresses = Set(listing.items.map(\.publicIP))
            itemProblems += listing.problems
        }
        if let field = try fields.first(["auto_scaling_groups", "auto_scaling_instances", "asg_instances"]) {
            let listing = AutoScalingMember.listing(field)
            instances = EC2Instance.joined(instances, listing.items)
            // A member that cannot be read may be in a group, or standing by.
            unclear.formUnion(listing.unreadable)
            itemProblems += listing.problems
        }
        if let field = try fields.first(["termination_protected", "termination_protected_instance_ids"]) {
            let protected = Set(try field.strings(maximumCount: 1_000_000))
            for index in instances.indices where protected.contains(instances[index].id) {
                instances[index].isTerminationProtected = true
            }
        }
        if let field = try fields.first(["spot_requests", "spot_instance_requests"]) { try readSpotRequests(field) }
    }

    /// `describe-spot-instance-requests`: whether a request starts another machine when this one goes.
    private mutating func readSpotRequests(_ field: JSONReader) throws(APIError) {
        let list = try (field.value.object == nil ? field : field.first(of: ["SpotInstanceRequests"])) ?? field
        var types: [String: Bool] = [:]
        let read = try list.items { (item) throws(APIError) in
            let id = try item.required("SpotInstanceRequestId").string()
            return (id, try item.optional("Type")?.string().lowercased() == "persistent")
        }
        itemProblems += read.problems
        // Said to be persistent once is enough.
        for (id, isPersistent) in read.items { types[id] = types[id] == true || isPersistent }
        for index in instances.indices {
            if let id = instances[index].spotRequestID, let known = types[id] {
                instances[index].isPersistentSpotRequest = known
            }
        }
    }
}
