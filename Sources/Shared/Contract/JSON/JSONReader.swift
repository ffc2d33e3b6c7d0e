/// A value together with its place in the document, so that every complaint names the field.
///
/// ```swift
/// let cpu = try reader.optional("cpu")?.number(in: 0...1024, unit: "cores")
/// ```
package struct JSONReader: Sendable {
    package let value: JSONValue
    package let path: JSONPath

    package init(_ value: JSONValue, path: JSONPath = .root) {
        self.value = value
        self.path = path
    }

    /// The path as text, or nothing at the top of the document.
    package var field: String? {
        let text = path.description
        return text.isEmpty ? nil : text
    }

    // MARK: Members

    /// The member, or nothing when it is missing or null.
    ///
    /// - Throws: `wrong_type` when this is no object.
    package func optional(_ key: String) throws(APIError) -> JSONReader? {
        let object = try object()
        guard let member = object[key], !member.isNull else { return nil }
        return JSONReader(member, path: .key(path, key))
    }

    /// The first member present under any of the names, in the order given.
    package func first(of keys: [String]) throws(APIError) -> JSONReader? {
        for key in keys {
            if let member = try optional(key) { return member }
        }
        return nil
    }

    /// The member.
    ///
    /// - Throws: `missing_field` when it is missing or null.
    package func required(_ key: String, hint: String? = nil) throws(APIError) -> JSONReader {
        if let member = try optional(key) { return member }
        let place = JSONPath.key(path, key).description
        throw APIError(.missingField, "\(place) is missing", field: place, hint: hint)
    }

    // MARK: Complaints

    /// The error for a value of the wrong kind.
    package func wrongType(expected: String, hint: String? = nil) -> APIError {
        let name = field ?? "the document"
        return APIError(
            .wrongType,
            "\(name) must be \(expected), not \(value.kind)",
            field: field,
            hint: hint ?? "Send \(expected)."
        )
    }

    /// The error for a value of the right kind that makes no sense.
    package func invalid(_ message: String, hint: String? = nil, code: APIError.Code = .invalidValue) -> APIError {
        APIError(code, "\(field ?? "the document") \(message)", field: field, hint: hint)
    }
}
