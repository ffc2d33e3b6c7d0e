extension EC2Instance {
    private static let identifiers = ["InstanceId", "instance_id", "instanceId", "id"]

    /// Reads `describe-instances`, a bare list of instances, one instance, or plain ids.
    package static func listing(_ reader: JSONReader) -> AWSListing<EC2Instance> {
        AWSListingReader(
            wrappers: ["Reservations", "Instances", "reservations", "instances"],
            identifiers: identifiers,
            read: { reader throws(APIError) in try EC2Instance(reader) },
            id: \.id
        )(reader)
    }

    package init(_ reader: JSONReader) throws(APIError) {
        if case .string = reader.value {
            // An id alone says that the machine exists, and nothing of its state.
            self.init(id: try reader.string())
            return
        }
        let flat = try FlatFields(reader)
        self.init(id: try flat.required(Self.identifiers))
        type = try flat.text(["InstanceType", "instance_type", "type"]) ?? ""
        state = Self.state(flat.fields.first(["State", "state", "status", "instance_state"])?.value)
        launchTime = try flat.time(["LaunchTime", "launch_time", "launched_at", "created_at"])
        tags = try flat.labels(["Tags", "tags"])
        zone = try flat.text(["availability_zone", "zone", "az"])
        if let placement = try flat.fields.fields("Placement") {
            zone = try placement.nameIfPresent("AvailabilityZone") ?? zone
        }
        stateReason = try flat.fields.text("StateTransitionReason")
        try readPurchase(flat)
        try readNetwork(flat)
        try readMachine(flat)
        try readMembership(flat)
        blockDevices = try flat.fields.list("BlockDeviceMappings", BlockDevice.init(_:)).compactMap { $0 }
    }

    /// `{"Code": 16, "Name": "running"}` or the name alone.
    private static func state(_ value: JSONValue?) -> State {
        (value?["Name"]?.string ?? value?.string).flatMap { State(rawValue: $0.lowercased()) } ?? .unknown
    }

    private mutating func readPurchase(_ flat: FlatFields) throws(APIError) {
        spotRequestID = try flat.text(["SpotInstanceRequestId", "spot_instance_request_id", "spot_request_id"])
        let word = try flat.text(["InstanceLifecycle", "lifecycle", "node_type", "capacity_type"])?.lowercased()
        switch word {
        case "spot": lifecycle = .spot
        case "scheduled": lifecycle = .scheduled
        case "capacity-block": lifecycle = .capacityBlock
        default: lifecycle = spotRequestID == nil ? .onDemand : .spot
        }
        if let type = try flat.text(["SpotInstanceType", "SpotRequestType", "spot_request_type"]) {
            isPersistentSpotRequest = type.lowercased() == "persistent"
        }
    }

    private mutating func readNetwork(_ flat: FlatFields) throws(APIError) {
        privateDNSName = try flat.text(["PrivateDnsName", "private_dns_name"]) ?? ""
        privateIP = try flat.text(["PrivateIpAddress", "private_ip", "private_ip_address"]) ?? ""
        publicIP = try flat.text(["PublicIpAddress", "public_ip", "public_ip_address"])
    }

    private mutating func readMachine(_ flat: FlatFields) throws(APIError) {
        let platform = try flat.text(["PlatformDetails", "Platform", "platform", "operating_system"])?.lowercased()
        operatingSystem = platform?.hasPrefix("windows") == true ? "Windows" : "Linux"
        architecture = try flat.text(["Architecture", "architecture"]).map(Node.architecture)
        bootsFromInstanceStore = try flat.text(["RootDeviceType", "root_device_type"]) == "instance-store"
        iamInstanceProfile = try Self.profile(flat.fields.first(["IamInstanceProfile", "iam_instance_profile"])) ?? ""
        isTerminationProtected = try Self.protection(
            flat.fields.first(["DisableApiTermination", "termination_protection", "disable_api_termination"])
        )
    }

    /// The ARN or the name, which may tell what the machine is for: one of another kind must not pass for none.
    private static func profile(_ field: JSONReader?) throws(APIError) -> String? {
        guard let field else { return nil }
        if case .string = field.value { return try field.string(maximumLength: 2048) }
        let fields = try JSONFields(field)
        if let name = try fields.nameIfPresent("Arn") { return name }
        return try fields.nameIfPresent("Name")
    }

    /// As describe-instance-attribute prints it, or as a flag; what is neither must not pass for unprotected.
    private static func protection(_ field: JSONReader?) throws(APIError) -> Bool? {
        guard let field else { return nil }
        guard case .object = field.value else { return try field.bool() }
        let fields = try JSONFields(field)
        return fields.has("Value") ? try fields.flag("Value") : nil
    }

    private mutating func readMembership(_ flat: FlatFields) throws(APIError) {
        autoScalingGroup =
            try flat.text(["AutoScalingGroupName", "auto_scaling_group", "autoscaling_group", "asg_name", "asg"])
            ?? tags["aws:autoscaling:groupName"]
        autoScalingLifecycleState = try flat.text(["LifecycleState", "lifecycle_state"])
    }

    /// Adds what EC2 Auto Scaling says about its members; an instance that it does not name stays as it is.
    package static func joined(_ instances: [EC2Instance], _ members: [AutoScalingMember]) -> [EC2Instance] {
        let byID = Dictionary(members.map { ($0.instanceID, $0) }) { first, _ in first }
        return instances.map { instance in
            guard let member = byID[instance.id] else { return instance }
            var instance = instance
            if !member.group.isEmpty { instance.autoScalingGroup = member.group }
            if !member.lifecycleState.isEmpty { instance.autoScalingLifecycleState = member.lifecycleState }
            return instance
        }
    }
}

extension EC2Instance.BlockDevice {
    /// Nothing for a device that is no EBS volume.
    fileprivate init?(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        guard let disk = try fields.fields("Ebs"), let volume = try disk.nameIfPresent("VolumeId") else { return nil }
        self.init(
            deviceName: try fields.name("DeviceName"),
            volumeID: volume,
            deleteOnTermination: try disk.has("DeleteOnTermination") ? disk.flag("DeleteOnTermination") : nil
        )
    }
}
