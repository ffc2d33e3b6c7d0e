extension PodVolume {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(name: try fields.name("name"), source: .other(kind: ""))
        // A volume has its name and one member that says what it is.
        for member in fields.object.members where member.key != "name" {
            guard let source = try fields.fields(member.key) else { continue }
            self.source = try Self.source(member.key, source)
            return
        }
    }

    private static func source(_ kind: String, _ fields: JSONFields) throws(APIError) -> Source {
        switch kind {
        case "persistentVolumeClaim": return .claim(name: try fields.requiredName("claimName"))
        case "emptyDir":
            return .emptyDir(
                inMemory: try fields.text("medium") == "Memory",
                sizeLimit: try fields.quantity("sizeLimit")?.units
            )
        case "hostPath": return .hostPath(path: try fields.text("path"))
        case "csi": return .csi(driver: try fields.text("driver"))
        case "awsElasticBlockStore": return .disk(id: try fields.text("volumeID"))
        case "gcePersistentDisk", "azureDisk", "cinder", "vsphereVolume", "iscsi", "rbd", "fc": return .disk(id: kind)
        case "ephemeral":
            let claim = try fields.fields("volumeClaimTemplate")?.fields("spec")
            return .ephemeral(
                storageClass: try claim?.nameIfPresent("storageClassName"),
                storage: try claim?.fields("resources")?.fields("requests")?.quantity("storage")?.units
            )
        default: return .other(kind: kind)
        }
    }
}
