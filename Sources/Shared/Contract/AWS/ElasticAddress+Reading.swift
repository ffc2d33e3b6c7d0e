extension ElasticAddress {
    /// Reads `describe-addresses`, a bare list of addresses, or one address.
    package static func listing(_ reader: JSONReader) -> AWSListing<ElasticAddress> {
        AWSListingReader(
            wrappers: ["Addresses", "addresses"],
            identifiers: ["PublicIp", "public_ip", "AllocationId", "allocation_id"],
            read: { reader throws(APIError) in try ElasticAddress(reader) },
            id: { $0.allocationID.isEmpty ? $0.publicIP : $0.allocationID }
        )(reader)
    }

    package init(_ reader: JSONReader) throws(APIError) {
        if case .string = reader.value {
            self.init(publicIP: try reader.string())
            return
        }
        let flat = try FlatFields(reader)
        self.init(publicIP: try flat.required(["PublicIp", "public_ip", "CarrierIp"]))
        allocationID = try flat.text(["AllocationId", "allocation_id"]) ?? ""
        associationID = try flat.text(["AssociationId", "association_id"])
        instanceID = try flat.text(["InstanceId", "instance_id"])
        networkInterfaceID = try flat.text(["NetworkInterfaceId", "network_interface_id"])
        tags = try flat.labels(["Tags", "tags"])
    }
}

extension AutoScalingMember {
    /// Reads `describe-auto-scaling-groups`, `describe-auto-scaling-instances`, or a bare list of either's items.
    package static func listing(_ reader: JSONReader) -> AWSListing<AutoScalingMember> {
        let groups = AWSListingReader<[AutoScalingMember]>(
            wrappers: ["AutoScalingGroups", "AutoScalingInstances"],
            identifiers: ["AutoScalingGroupName", "InstanceId", "instance_id"],
            read: { reader throws(APIError) in try members(reader) },
            // A group and an instance can each come once; one without instances is nobody.
            id: { $0.map(\.instanceID).joined(separator: ",") }
        )(reader)
        var listing = AWSListing<AutoScalingMember>()
        listing.problems = groups.problems
        listing.unreadable = groups.unreadable
        listing.isIncomplete = groups.isIncomplete
        listing.items = groups.items.flatMap { $0 }
        return listing
    }

    private static func members(_ reader: JSONReader) throws(APIError) -> [AutoScalingMember] {
        let fields = try JSONFields(reader)
        let group = try fields.name("AutoScalingGroupName")
        guard fields.has("Instances") else { return [try AutoScalingMember(reader, group: group)] }
        return try fields.list("Instances") { reader throws(APIError) in try AutoScalingMember(reader, group: group) }
    }

    private init(_ reader: JSONReader, group: String) throws(APIError) {
        let flat = try FlatFields(reader)
        self.init(instanceID: try flat.required(["InstanceId", "instance_id"]), group: group)
        lifecycleState = try flat.text(["LifecycleState", "lifecycle_state"]) ?? ""
        isProtectedFromScaleIn = try flat.flag(["ProtectedFromScaleIn", "protected_from_scale_in"]) ?? false
    }
}
