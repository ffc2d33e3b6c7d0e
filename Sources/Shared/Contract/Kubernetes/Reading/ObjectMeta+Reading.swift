extension ObjectMeta {
    /// Reads `metadata` of a native object.
    ///
    /// Objects of namespaced kinds without a namespace are in `default`, as for kubectl.
    init(metadataOf object: JSONFields, isNamespaced: Bool) throws(APIError) {
        guard let fields = try object.fields("metadata") else {
            let place = JSONPath.key(object.path, "metadata").description
            throw APIError(.missingField, "\(place) is missing", field: place)
        }
        var name = try fields.name("name")
        if name.isEmpty, fields.has("generateName") { name = try fields.name("uid") }
        self.init(name: name.isEmpty ? try fields.requiredName("name") : name)
        namespace = isNamespaced ? try fields.nameIfPresent("namespace") ?? "default" : ""
        uid = try fields.name("uid")
        labels = try fields.labels("labels")
        annotations = try Self.annotations(fields)
        owners = try fields.list("ownerReferences") { reader throws(APIError) in
            let owner = try JSONFields(reader)
            return OwnerReference(
                kind: try owner.name("kind"),
                name: try owner.name("name"),
                uid: try owner.name("uid"),
                isController: try owner.flag("controller")
            )
        }
        createdAt = try fields.time("creationTimestamp")
        deletedAt = try fields.time("deletionTimestamp")
    }

    /// Annotations without the copies of whole objects that tools leave in them.
    private static func annotations(_ fields: JSONFields) throws(APIError) -> Labels {
        let all = try fields.labels("annotations")
        guard all.contains(where: { $0.value.utf8.count > longestAnnotation }) else { return all }
        return NameTable(all.entries.filter { $0.value.utf8.count <= longestAnnotation })
    }

    /// Longer ones are last-applied configurations, checksums of files and the like, which no engine reads.
    private static let longestAnnotation = 4096
}
