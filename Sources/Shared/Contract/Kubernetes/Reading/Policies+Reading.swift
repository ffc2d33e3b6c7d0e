extension PodDisruptionBudget {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        if let spec = try fields.fields("spec") {
            selector = try spec.reader("selector").map(LabelSelector.init(_:))
            minAvailable = try spec.reader("minAvailable").map(Threshold.init(_:))
            maxUnavailable = try spec.reader("maxUnavailable").map(Threshold.init(_:))
            alwaysAllowsUnhealthy = try spec.text("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        }
        guard let status = try fields.fields("status") else { return }
        disruptionsAllowed = try status.count("disruptionsAllowed")
        currentHealthy = try status.count("currentHealthy")
        desiredHealthy = try status.count("desiredHealthy")
        expectedPods = try status.count("expectedPods")
    }
}

extension PodDisruptionBudget.Threshold {
    /// `2`, `"2"` or `"50%"`.
    init(_ reader: JSONReader) throws(APIError) {
        if case .string(let text) = reader.value {
            let isPercent = text.hasSuffix("%")
            guard let number = Int64(isPercent ? text.dropLast() : text[...]) else {
                throw reader.invalid("is neither a count nor a percentage", hint: "Send 2 or \"50%\".")
            }
            try reader.check(Double(number), in: 0...(isPercent ? 100 : 1e9), unit: "")
            self = isPercent ? .percent(number) : .count(number)
            return
        }
        self = .count(try reader.integer(in: 0...1_000_000_000))
    }
}

extension HorizontalPodAutoscaler {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        let meta = try ObjectMeta(metadataOf: fields, isNamespaced: true)
        let spec = try fields.fields("spec")
        self.init(meta: meta, target: try ScaleTarget(spec?.fields("scaleTargetRef")))
        kind = try fields.text("kind") == "ScaledObject" ? "ScaledObject" : kind
        minReplicas = try spec?.count(anyOf: ["minReplicas", "minReplicaCount"]) ?? (kind == "ScaledObject" ? 0 : 1)
        maxReplicas = try spec?.count(anyOf: ["maxReplicas", "maxReplicaCount"])
        var names: Set<String> = []
        if try spec?.count("targetCPUUtilizationPercentage") != nil { names.insert("cpu") }  // autoscaling/v1
        for metric in try spec?.list("metrics", Self.metricName) ?? [] where !metric.isEmpty { names.insert(metric) }
        for trigger in try spec?.list("triggers", { reader throws(APIError) in try JSONFields(reader).name("type") })
            ?? []
        {
            names.insert(trigger)
        }
        metricNames = names.sorted()
        guard let status = try fields.fields("status") else { return }
        currentReplicas = try status.count("currentReplicas")
        desiredReplicas = try status.count("desiredReplicas")
    }

    /// `cpu` of a Resource or ContainerResource metric, the metric's name for the other sources.
    private static func metricName(_ reader: JSONReader) throws(APIError) -> String {
        let fields = try JSONFields(reader)
        if let resource = try fields.fields(anyOf: ["resource", "containerResource"]) {
            return try resource.name("name")
        }
        for source in ["pods", "object", "external"] {
            if let source = try fields.fields(source) {
                if let metric = try source.fields("metric") { return try metric.name("name") }
                return try source.name("metricName")
            }
        }
        return ""
    }
}

extension VerticalPodAutoscaler {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        let spec = try fields.fields("spec")
        self.init(
            meta: try ObjectMeta(metadataOf: fields, isNamespaced: true),
            target: try ScaleTarget(spec?.fields("targetRef"))
        )
        updateMode = try spec?.fields("updatePolicy")?.nameIfPresent("updateMode") ?? updateMode
    }
}

extension ScaleTarget {
    init(_ fields: JSONFields?) throws(APIError) {
        self.init(kind: try fields?.nameIfPresent("kind") ?? "Deployment", name: try fields?.name("name") ?? "")
    }
}

extension LimitRange {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        items =
            try fields.fields("spec")?.list("limits") { reader throws(APIError) in
                let limit = try JSONFields(reader)
                var item = Item(type: try limit.nameIfPresent("type") ?? "Container")
                item.minimum = try limit.resourceList("min")
                item.maximum = try limit.resourceList("max")
                item.defaultLimit = try limit.resourceList("default")
                item.defaultRequest = try limit.resourceList("defaultRequest")
                return item
            } ?? []
    }
}

extension ResourceQuota {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(meta: try ObjectMeta(metadataOf: fields, isNamespaced: true))
        let status = try fields.fields("status")
        let spec = try fields.fields("spec")
        hard = try Self.table(try (spec?.has("hard") == true ? spec : status)?.fields("hard"))
        used = try Self.table(try status?.fields("used"))
    }

    private static func table(_ fields: JSONFields?) throws(APIError) -> NameTable<Quantity> {
        var entries: [NameTable<Quantity>.Entry] = []
        for member in fields?.object.members ?? [] {
            let place = JSONPath.key(fields?.path ?? .root, member.key)
            entries.append(.init(key: member.key, value: try JSONFields.quantity(member.value, at: place)))
        }
        return NameTable(entries)
    }
}
