extension Workload {
    /// Reads a native workload of that kind.
    init(_ reader: JSONReader, kind: Kind) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(kind: kind, meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        if let spec = try fields.fields("spec") { try readSpec(spec) }
        if let status = try fields.fields("status") { try readStatus(status) }
    }

    private mutating func readSpec(_ spec: JSONFields) throws(APIError) {
        switch kind {
        case .deployment, .statefulSet, .replicaSet, .replicationController: replicas = try spec.count("replicas") ?? 1
        case .job: replicas = try spec.count("parallelism") ?? 1
        case .daemonSet, .cronJob: break
        }
        selector = try spec.reader("selector").map(LabelSelector.init(selectorOrLabels:))
        suspend = try spec.flag("suspend")
        schedule = try spec.name("schedule")
        let template = kind == .cronJob ? try spec.fields("jobTemplate")?.fields("spec") : spec
        if let template = try template?.fields("template") { try readTemplate(template) }
        volumeClaimTemplates = try spec.list("volumeClaimTemplates", ClaimTemplate.init(_:))
        if let retention = try spec.fields("persistentVolumeClaimRetentionPolicy") {
            whenDeleted = try retention.choiceIfPresent("whenDeleted", Retention.self) ?? .retain
            whenScaled = try retention.choiceIfPresent("whenScaled", Retention.self) ?? .retain
        }
    }

    private mutating func readTemplate(_ template: JSONFields) throws(APIError) {
        if let meta = try template.fields("metadata") {
            templateLabels = try meta.labels("labels")
            templateAnnotations = try meta.labels("annotations")
        }
        guard let spec = try template.fields("spec") else { return }
        containers = try spec.list("containers", Container.init(_:))
        initContainers = try spec.list("initContainers", Container.init(_:))
    }

    private mutating func readStatus(_ fields: JSONFields) throws(APIError) {
        switch kind {
        case .daemonSet:
            status.replicas = try fields.count("desiredNumberScheduled")
            status.ready = try fields.count("numberReady")
            status.available = try fields.count("numberAvailable")
        case .job:
            status.ready = try fields.count("ready")
            status.active = try fields.count("active") ?? 0
        case .cronJob:
            status.active = try fields.list("active") { reader throws(APIError) in reader.path }.count.asInt64
        default:
            status.replicas = try fields.count("replicas")
            status.ready = try fields.count("readyReplicas") ?? 0
            status.available = try fields.count("availableReplicas") ?? 0
        }
    }
}

extension Workload.ClaimTemplate {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        let spec = try fields.fields("spec")
        self.init(
            name: try fields.fields("metadata")?.name("name") ?? "",
            storageClass: try spec?.nameIfPresent("storageClassName"),
            storage: try spec?.fields("resources")?.fields("requests")?.quantity("storage")?.units
        )
    }
}

extension Int {
    var asInt64: Int64 { Int64(self) }
}
