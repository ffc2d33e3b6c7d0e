extension PersistentVolume {
    private static let zoneLabels = [
        "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone", "topology.ebs.csi.aws.com/zone",
    ]

    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: false))
        phase = try fields.fields("status")?.knownChoice("phase", Phase.self)
        guard let spec = try fields.fields("spec") else { return }
        if let reference = try spec.fields("claimRef") {
            claim = ObjectKey(namespace: try reference.name("namespace"), name: try reference.name("name"))
            claimUID = try reference.name("uid")
        }
        reclaimPolicy = try spec.knownChoice("persistentVolumeReclaimPolicy", ReclaimPolicy.self)
        storageClass = try spec.name("storageClassName")
        accessModes = try spec.names("accessModes")
        capacity = try spec.fields("capacity")?.quantity("storage")?.units
        if let csi = try spec.fields("csi") {
            csiDriver = try csi.name("driver")
            volumeHandle = try csi.name("volumeHandle")
            ebsVolumeID = Self.volumeID(volumeHandle)
        }
        if let disk = try spec.fields("awsElasticBlockStore") {
            volumeHandle = try disk.name("volumeID")
            ebsVolumeID = Self.volumeID(volumeHandle)
        }
        if let required = try spec.fields("nodeAffinity")?.fields("required") {
            nodeAffinity = try required.list("nodeSelectorTerms", NodeSelectorTerm.init(_:))
        }
        zone = Self.zone(meta.labels, nodeAffinity)
    }

    /// `vol-0123…` alone, or at the end of `aws://us-east-1a/vol-0123…`.
    static func volumeID(_ handle: String) -> String? {
        guard let last = handle.split(separator: "/").last, last.hasPrefix("vol-") else { return nil }
        return String(last)
    }

    static func zone(_ labels: Labels, _ terms: [NodeSelectorTerm]?) -> String? {
        for name in zoneLabels {
            // Volumes over several zones carry them in one label, joined by two underscores.
            if let zone = labels[name], !zone.isEmpty, !zone.contains("__") { return zone }
        }
        guard let terms, terms.count == 1 else { return nil }
        let requirement = terms[0].matchExpressions.first { zoneLabels.contains($0.key) && $0.operator == .in }
        return requirement.flatMap { $0.values.count == 1 ? $0.values[0] : nil }
    }
}

extension PersistentVolumeClaim {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        if let spec = try fields.fields("spec") {
            volumeName = try spec.nameIfPresent("volumeName")
            storageClass =
                try spec.has("storageClassName")
                ? spec.name("storageClassName") : meta.annotations["volume.beta.kubernetes.io/storage-class"]
            accessModes = try spec.names("accessModes")
            requestedStorage = try spec.fields("resources")?.fields("requests")?.quantity("storage")?.units
        }
        guard let status = try fields.fields("status") else { return }
        phase = try status.knownChoice("phase", Phase.self)
        capacity = try status.fields("capacity")?.quantity("storage")?.units
    }
}

extension StorageClass {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: false))
        provisioner = try fields.name("provisioner")
        bindingMode = try fields.choiceIfPresent("volumeBindingMode", BindingMode.self) ?? .immediate
        reclaimPolicy = try fields.knownChoice("reclaimPolicy", PersistentVolume.ReclaimPolicy.self) ?? .delete
        parameters = try fields.labels("parameters")
        isDefault =
            meta.annotations["storageclass.kubernetes.io/is-default-class"] == "true"
            || meta.annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
        guard fields.has("allowedTopologies") else { return }
        allowedTopologies = try fields.list("allowedTopologies") { reader throws(APIError) in
            let term = try JSONFields(reader)
            return NodeSelectorTerm(
                matchExpressions: try term.list("matchLabelExpressions") { reader throws(APIError) in
                    let expression = try JSONFields(reader)
                    return NodeSelectorTerm.Requirement(
                        key: try expression.requiredName("key"),
                        operator: .in,
                        values: try expression.names("values")
                    )
                }
            )
        }
    }
}
