extension KubernetesEvent {
    /// Reads an event of v1 or of events.k8s.io.
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        reason = try fields.text("reason")
        type = try fields.text("type")
        message = try fields.has("message") ? fields.text("message") : fields.text("note")
        if let object = try fields.fields(anyOf: ["involvedObject", "regarding"]) {
            involved = Subject(
                kind: try object.name("kind"),
                namespace: try object.name("namespace"),
                name: try object.name("name"),
                uid: try object.name("uid"),
                fieldPath: try object.name("fieldPath")
            )
        }
        let series = try fields.fields("series")
        let ownCount = try fields.count(anyOf: ["count", "deprecatedCount"])
        count = max(1, try series?.count("count") ?? ownCount ?? 1)
        firstSeen = try fields.time(anyOf: ["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"])
        let ownTime = try fields.time(anyOf: ["lastTimestamp", "deprecatedLastTimestamp", "eventTime"])
        lastSeen = try series?.time("lastObservedTime") ?? ownTime ?? meta.createdAt
        let source = try fields.fields(anyOf: ["source", "deprecatedSource"])
        sourceComponent = try source?.name("component") ?? ""
        if sourceComponent.isEmpty { sourceComponent = try fields.name("reportingComponent") }
        sourceHost = try source?.name("host") ?? ""
        if sourceHost.isEmpty { sourceHost = try fields.name("reportingInstance") }
    }
}

extension NamespaceObject {
    init(_ reader: JSONReader) throws(APIError) {
        self.init(meta: try ObjectMeta(metadataOf: try JSONFields(reader), isNamespaced: false))
    }
}

extension Service {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        guard let spec = try fields.fields("spec") else { return }
        selector = try spec.labels("selector")
        type = try spec.nameIfPresent("type") ?? type
        isHeadless = try spec.text("clusterIP") == "None"
        trafficDistribution = try spec.name("trafficDistribution")
        internalTrafficPolicy = try spec.nameIfPresent("internalTrafficPolicy") ?? internalTrafficPolicy
    }
}

/// The attach limits that CSI drivers report for a node.
struct AttachLimits {
    var node: String
    var limits: NameTable<Int64>

    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        node = try ObjectMeta(metadataOf: fields, isNamespaced: false).name
        let drivers = try fields.fields("spec")?.list("drivers") { reader throws(APIError) in
            let driver = try JSONFields(reader)
            return (try driver.name("name"), try driver.fields("allocatable")?.count("count"))
        }
        limits = NameTable((drivers ?? []).compactMap { name, count in count.map { .init(key: name, value: $0) } })
    }
}
