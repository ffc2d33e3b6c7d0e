extension EBSVolume {
    private static let identifiers = ["VolumeId", "volume_id", "volumeId", "id"]
    private static let attachmentNames = ["Attachments", "attachments"]

    /// Reads `describe-volumes`, a bare list of volumes, or one volume.
    package static func listing(_ reader: JSONReader) -> AWSListing<EBSVolume> {
        AWSListingReader(
            wrappers: ["Volumes", "volumes"],
            identifiers: identifiers,
            read: { reader throws(APIError) in try EBSVolume(reader) },
            id: \.id
        )(reader)
    }

    package init(_ reader: JSONReader) throws(APIError) {
        let flat = try FlatFields(reader)
        self.init(id: try flat.required(Self.identifiers))
        let isNative = flat.fields.has("VolumeId")
        if !isNative { self.flat = flat.fields.object }
        type = try flat.text(["VolumeType", "volume_type", "type"])?.lowercased() ?? ""
        sizeGiB = try flat.wholeNumber(["Size", "size", "size_gb", "size_gib", "volume_size"])
        iops = try flat.wholeNumber(["Iops", "iops"])
        throughput = try flat.wholeNumber(["Throughput", "throughput"])
        state = try flat.text(["State", "state", "status"]).flatMap { State(rawValue: $0.lowercased()) } ?? .unknown
        createdAt = try flat.time(["CreateTime", "create_time", "created_at", "creation_time"])
        tags = try flat.labels(["Tags", "tags"])
        zone = try flat.text(["AvailabilityZone", "availability_zone", "zone", "az"])
        isMultiAttach = try flat.flag(["MultiAttachEnabled", "multi_attach_enabled", "multi_attach"]) ?? false
        isEncrypted = try flat.flag(["Encrypted", "encrypted"]) ?? false
        snapshotID = try flat.text(["SnapshotId", "snapshot_id"])
        isFastRestored = try flat.flag(["FastRestored", "fast_restored"]) ?? false
        try readAttachments(flat)
        detachedAt = try flat.time([
            "last_detach_time", "detached_at", "DetachTime", "LastDetachTime", "last_detached_at",
        ])
    }

    private mutating func readAttachments(_ flat: FlatFields) throws(APIError) {
        if let list = flat.fields.first(Self.attachmentNames) {
            for element in try list.elements() { attachments.append(try Attachment(element)) }
        } else if let instance = try flat.text(["attached_to", "instance_id", "attached_instance"]) {
            attachments = [Attachment(instanceID: instance)]
        }
    }

    /// True when the description says what it is attached to, if anything; otherwise nothing follows from an empty list.
    package var describesAttachments: Bool {
        flat.isEmpty || Self.attachmentNames.contains { flat[$0] != nil }
    }
}

extension EBSVolume.Attachment {
    fileprivate init(_ reader: JSONReader) throws(APIError) {
        if case .string = reader.value {
            self.init(instanceID: try reader.string())
            return
        }
        let flat = try FlatFields(reader)
        self.init(
            instanceID: try flat.text(["InstanceId", "instance_id"]) ?? "",
            state: try flat.text(["State", "state"]) ?? "attached",
            device: try flat.text(["Device", "device"]) ?? "",
            attachedAt: try flat.time(["AttachTime", "attach_time"]),
            deleteOnTermination: try flat.flag(["DeleteOnTermination", "delete_on_termination"])
        )
    }
}

extension EBSSnapshot {
    /// Reads `describe-snapshots`, a bare list of snapshots, or one snapshot.
    package static func listing(_ reader: JSONReader) -> AWSListing<EBSSnapshot> {
        AWSListingReader(
            wrappers: ["Snapshots", "snapshots"],
            identifiers: ["SnapshotId", "snapshot_id", "snapshotId", "id"],
            read: { reader throws(APIError) in try EBSSnapshot(reader) },
            id: \.id
        )(reader)
    }

    package init(_ reader: JSONReader) throws(APIError) {
        let flat = try FlatFields(reader)
        self.init(id: try flat.required(["SnapshotId", "snapshot_id", "snapshotId", "id"]))
        volumeID = try flat.text(["VolumeId", "volume_id"]) ?? ""
        state = try flat.text(["State", "state", "status"]).flatMap { State(rawValue: $0.lowercased()) } ?? .unknown
        startedAt = try flat.time(["StartTime", "start_time", "created_at"])
        volumeSizeGiB = try flat.wholeNumber(["VolumeSize", "volume_size", "size_gb", "size"])
        tags = try flat.labels(["Tags", "tags"])
        description = try flat.fields.text("Description")
        storageTier = try flat.text(["StorageTier", "storage_tier"]) ?? storageTier
        isEncrypted = try flat.flag(["Encrypted", "encrypted"]) ?? false
        ownerID = try flat.text(["OwnerId", "owner_id"]) ?? ""
    }
}

extension FlatFields {
    /// A whole number that is not negative, rounded up when it has decimals: sizes in other shapes are often doubles.
    func wholeNumber(_ keys: [String]) throws(APIError) -> Int64? {
        guard let field = fields.first(keys) else { return nil }
        return Int64(try field.number(in: 0...1e15).rounded(.up))
    }
}
