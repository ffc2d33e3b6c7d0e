extension LabelSelector {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            matchLabels: try fields.labels("matchLabels"),
            matchExpressions: try fields.list("matchExpressions") { reader throws(APIError) in
                let expression = try JSONFields(reader)
                return Requirement(
                    key: try expression.requiredName("key"),
                    operator: try expression.choice("operator", Operator.self),
                    values: try expression.names("values")
                )
            }
        )
    }

    /// Reads the selector, or a bare map of labels where older objects have one.
    init(selectorOrLabels reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        if fields.has("matchLabels") || fields.has("matchExpressions") || fields.object.isEmpty {
            try self.init(reader)
        } else {
            self.init(matchLabels: try fields.labels())
        }
    }
}

extension NodeSelectorTerm {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            matchExpressions: try fields.list("matchExpressions", Requirement.init(_:)),
            matchFields: try fields.list("matchFields", Requirement.init(_:))
        )
    }
}

extension NodeSelectorTerm.Requirement {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            key: try fields.requiredName("key"),
            operator: try fields.choice("operator", NodeSelectorTerm.Operator.self),
            values: try fields.names("values")
        )
    }
}

extension JSONFields {
    /// One of the words of the API.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _: Choice.Type
    ) throws(APIError) -> Choice where Choice.RawValue == String {
        let text = try requiredName(key)
        guard let choice = Choice(rawValue: text) else {
            throw JSONReader(.string(text), path: .key(path, key)).invalid(
                "is not known",
                hint: "Send one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
        return choice
    }

    /// One of the words of the API, or nothing when the member is missing or empty.
    func choiceIfPresent<Choice: RawRepresentable & CaseIterable>(
        _ key: String,
        _ type: Choice.Type
    ) throws(APIError) -> Choice? where Choice.RawValue == String {
        guard let value = value(key) else { return nil }
        if case .string("") = value { return nil }
        return try choice(key, type)
    }

    /// One of the words of the API, or nothing when the member is missing or a word we do not know.
    ///
    /// For words of which the API may gain new ones, and whose absence is safe.
    func knownChoice<Choice: RawRepresentable>(
        _ key: String,
        _: Choice.Type
    ) throws(APIError) -> Choice? where Choice.RawValue == String {
        Choice(rawValue: try text(key))
    }
}
