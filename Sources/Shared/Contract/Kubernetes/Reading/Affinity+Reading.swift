extension Affinity {
    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    init(_ fields: JSONFields) throws(APIError) {
        self.init()
        if let node = try fields.fields("nodeAffinity") {
            if let selector = try node.fields(Self.required) {
                requiredNodeTerms = try selector.list("nodeSelectorTerms", NodeSelectorTerm.init(_:))
            }
            preferredNodeTerms = try node.list(Self.preferred) { reader throws(APIError) in
                let item = try JSONFields(reader)
                return PreferredNode(
                    weight: try item.count("weight") ?? 1,
                    term: try item.reader("preference").map(NodeSelectorTerm.init(_:)) ?? NodeSelectorTerm()
                )
            }
        }
        if let pods = try fields.fields("podAffinity") {
            requiredPodTerms = try pods.list(Self.required, PodAffinityTerm.init(_:))
            preferredPodTerms = try pods.list(Self.preferred, PreferredPod.init(_:))
        }
        if let pods = try fields.fields("podAntiAffinity") {
            requiredAntiTerms = try pods.list(Self.required, PodAffinityTerm.init(_:))
            preferredAntiTerms = try pods.list(Self.preferred, PreferredPod.init(_:))
        }
    }
}

extension Affinity.PreferredPod {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        guard let term = fields.reader("podAffinityTerm") else {
            let place = JSONPath.key(fields.path, "podAffinityTerm").description
            throw APIError(.missingField, "\(place) is missing", field: place)
        }
        self.init(weight: try fields.count("weight") ?? 1, term: try PodAffinityTerm(term))
    }
}

extension PodAffinityTerm {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            selector: try fields.reader("labelSelector").map(LabelSelector.init(_:)),
            topologyKey: try fields.requiredName("topologyKey"),
            namespaces: try fields.names("namespaces"),
            namespaceSelector: try fields.reader("namespaceSelector").map(LabelSelector.init(_:)),
            matchLabelKeys: try fields.names("matchLabelKeys"),
            mismatchLabelKeys: try fields.names("mismatchLabelKeys")
        )
    }
}

extension TopologySpread {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        let maxSkew = try fields.count("maxSkew") ?? 1
        guard maxSkew >= 1 else {
            throw JSONReader(.integer(maxSkew), path: .key(fields.path, "maxSkew")).invalid("must be at least 1")
        }
        self.init(
            maxSkew: maxSkew,
            topologyKey: try fields.requiredName("topologyKey"),
            isRequired: try fields.text("whenUnsatisfiable") != "ScheduleAnyway",
            selector: try fields.reader("labelSelector").map(LabelSelector.init(_:)),
            minDomains: try fields.count("minDomains"),
            nodeAffinityPolicy: try fields.choiceIfPresent("nodeAffinityPolicy", NodePolicy.self) ?? .honor,
            nodeTaintsPolicy: try fields.choiceIfPresent("nodeTaintsPolicy", NodePolicy.self) ?? .ignore,
            matchLabelKeys: try fields.names("matchLabelKeys")
        )
    }
}

extension Toleration {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            key: try fields.name("key"),
            operator: try fields.choiceIfPresent("operator", Operator.self) ?? .equal,
            value: try fields.text("value"),
            effect: try fields.choiceIfPresent("effect", Taint.Effect.self),
            seconds: try fields.integer("tolerationSeconds")
        )
    }
}

extension Taint {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            key: try fields.requiredName("key"),
            value: try fields.text("value"),
            effect: try fields.choice("effect", Effect.self)
        )
    }
}
