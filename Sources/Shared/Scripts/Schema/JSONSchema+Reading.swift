package import Contract

extension JSONSchema {
    /// Deeper schemas describe nothing a person can follow.
    private static let maximumDepth = 24
    /// Keywords that only inform people.
    private static let notes: Set<String> = ["title", "description", "default", "examples", "$schema", "$comment"]

    /// Reads a schema.
    ///
    /// - Throws: 422 with the place of what is wrong or unknown.
    package init(_ reader: JSONReader) throws(APIError) {
        try self.init(reader, depth: 0)
    }

    private init(_ reader: JSONReader, depth: Int) throws(APIError) {
        guard depth <= Self.maximumDepth else { throw reader.invalid("is nested deeper than \(Self.maximumDepth)") }
        self.init(json: reader.value)
        for member in try reader.object().members {
            let value = JSONReader(member.value, path: .key(reader.path, member.key))
            switch member.key {
            case "type": kinds = try Self.kinds(value)
            case "properties": properties = try Self.properties(value, depth)
            case "required": required = try value.strings()
            case "additionalProperties": others = try Self.others(value, depth)
            case "items": items = [try JSONSchema(value, depth: depth + 1)]
            case "enum": values = try Self.values(value)
            case "minimum": minimum = try value.number(in: -1e300...1e300)
            case "maximum": maximum = try value.number(in: -1e300...1e300)
            case "minItems": minimumItems = Int(try value.integer(in: 0...1_000_000_000))
            case "maxItems": maximumItems = Int(try value.integer(in: 0...1_000_000_000))
            case _ where Self.notes.contains(member.key): continue
            default:
                throw value.invalid(
                    "is not supported",
                    hint: "Known keywords: type, properties, required, additionalProperties, items, enum, minimum, "
                        + "maximum, minItems, maxItems."
                )
            }
        }
        try checkBounds(reader)
    }

    private func checkBounds(_ reader: JSONReader) throws(APIError) {
        if let minimum, let maximum, minimum > maximum { throw reader.invalid("has a minimum above its maximum") }
        if let minimumItems, let maximumItems, minimumItems > maximumItems {
            throw reader.invalid("has more minItems than maxItems")
        }
    }

    private static func kinds(_ reader: JSONReader) throws(APIError) -> Set<Kind> {
        var kinds: Set<Kind> = []
        for name in try reader.strings() {
            guard let kind = Kind(rawValue: name) else {
                throw reader.invalid(
                    "names no type",
                    hint: "Types are " + Kind.allCases.map(\.rawValue).joined(separator: ", ") + "."
                )
            }
            kinds.insert(kind)
        }
        guard !kinds.isEmpty else { throw reader.invalid("names no type") }
        return kinds
    }

    private static func properties(_ reader: JSONReader, _ depth: Int) throws(APIError) -> [String: JSONSchema] {
        var properties: [String: JSONSchema] = [:]
        for member in try reader.object().members {
            let place = JSONReader(member.value, path: .key(reader.path, member.key))
            properties[member.key] = try JSONSchema(place, depth: depth + 1)
        }
        return properties
    }

    private static func others(_ reader: JSONReader, _ depth: Int) throws(APIError) -> Others {
        if case .bool(let allowed) = reader.value { return allowed ? .allowed : .refused }
        return .like([try JSONSchema(reader, depth: depth + 1)])
    }

    private static func values(_ reader: JSONReader) throws(APIError) -> [String] {
        let values = try reader.array()
        guard !values.isEmpty else { throw reader.invalid("must not be empty") }
        return values.map(\.comparable)
    }
}

extension JSONValue {
    /// Equal for equal values: members in order, and 1.0 the same as 1.
    var comparable: String { numbersUnified.text(.canonical) }

    private var numbersUnified: JSONValue {
        switch self {
        case .double(let value): Int64(exactly: value).map { .integer($0) } ?? self
        case .array(let items): .array(items.map(\.numbersUnified))
        case .object(let object):
            .object(JSONObject(distinct: object.members.map { .init(key: $0.key, value: $0.value.numbersUnified) }))
        default: self
        }
    }
}
