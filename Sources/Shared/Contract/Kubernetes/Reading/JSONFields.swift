/// The members of an object that came from somebody else's tool.
///
/// Like ``JSONReader``, but the place of a member is worked out only when there is something to complain about: a dump
/// has millions of members. A member that is null counts as missing, as in the Kubernetes API.
struct JSONFields {
    /// Longest name that is accepted anywhere; Kubernetes allows 253 bytes, and 317 for a label key.
    static let longestName = 512

    let object: JSONObject
    let path: JSONPath
    /// A bit for each key that is there; most of the names asked for are not, in whichever of its spellings.
    private let present: UInt64

    init(_ reader: JSONReader) throws(APIError) { self.init(object: try reader.object(), path: reader.path) }

    init(object: JSONObject, path: JSONPath) {
        self.object = object
        self.path = path
        var present: UInt64 = 0
        for index in object.members.indices { present |= Self.bit(object.members[index].key) }
        self.present = present
    }

    /// Length and first byte tell the names that tools use apart.
    private static func bit(_ key: String) -> UInt64 {
        1 << UInt64((key.utf8.count &* 7 &+ Int(key.utf8.first ?? 0)) & 63)
    }

    /// The member of an ASCII name.
    func value(_ key: String) -> JSONValue? {
        guard present & Self.bit(key) != 0, let value = object[key] else { return nil }
        if case .null = value { return nil }
        return value
    }

    func has(_ key: String) -> Bool { value(key) != nil }

    func reader(_ key: String) -> JSONReader? { value(key).map { JSONReader($0, path: .key(path, key)) } }

    /// The first of the names under which something is there.
    func first(_ keys: [String]) -> JSONReader? {
        for key in keys where present & Self.bit(key) != 0 {
            if let value = value(key) { return JSONReader(value, path: .key(path, key)) }
        }
        return nil
    }

    func fields(_ key: String) throws(APIError) -> JSONFields? {
        guard let value = value(key) else { return nil }
        guard case .object(let object) = value else { throw wrongType(key, value, "an object") }
        return JSONFields(object: object, path: .key(path, key))
    }

    func fields(anyOf keys: [String]) throws(APIError) -> JSONFields? {
        for key in keys {
            if let fields = try fields(key) { return fields }
        }
        return nil
    }

    // MARK: Text

    /// Any text, or an empty one when the member is missing.
    func text(_ key: String) throws(APIError) -> String { try textIfPresent(key) ?? "" }

    func textIfPresent(_ key: String) throws(APIError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw wrongType(key, value, "a string") }
        return text
    }

    /// A name, or an empty text when it is missing: such a text is echoed, so it holds no control characters.
    func name(_ key: String) throws(APIError) -> String {
        guard let value = value(key) else { return "" }
        return try name(key, value)
    }

    private func name(_ key: String, _ value: JSONValue) throws(APIError) -> String {
        guard case .string(let text) = value else { throw wrongType(key, value, "a string") }
        if let fault = Self.nameFault(text) { throw JSONReader(.string(text), path: .key(path, key)).invalid(fault) }
        return text
    }

    /// The name under the first of the keys that is there; an empty one counts as none.
    func firstName(_ keys: [String]) throws(APIError) -> String? {
        for key in keys {
            guard let value = value(key) else { continue }
            let text = try name(key, value)
            return text.isEmpty ? nil : text
        }
        return nil
    }

    func nameIfPresent(_ key: String) throws(APIError) -> String? {
        let text = try name(key)
        return text.isEmpty ? nil : text
    }

    func name(anyOf keys: [String]) throws(APIError) -> String {
        for key in keys {
            let text = try name(key)
            if !text.isEmpty { return text }
        }
        return ""
    }

    func requiredName(_ key: String) throws(APIError) -> String {
        let text = try name(key)
        guard !text.isEmpty else {
            let place = JSONPath.key(path, key).description
            throw APIError(.missingField, "\(place) is missing", field: place)
        }
        return text
    }

    static func nameFault(_ text: String) -> String? {
        if text.utf8.count > longestName { return "must not exceed \(longestName) bytes" }
        return text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? nil : "must not contain control characters"
    }

    // MARK: Numbers, flags, times

    func integer(_ key: String) throws(APIError) -> Int64? {
        switch value(key) {
        case nil: return nil
        case .integer(let number): return number
        case .double(let number):
            guard let whole = Int64(exactly: number) else { throw wrongType(key, .double(number), "a whole number") }
            return whole
        case let value?: throw wrongType(key, value, "a whole number")
        }
    }

    /// A count: whole and not negative.
    func count(_ key: String) throws(APIError) -> Int64? {
        guard let number = try integer(key) else { return nil }
        guard number >= 0 else {
            throw JSONReader(.integer(number), path: .key(path, key)).invalid("must not be negative")
        }
        return number
    }

    func count(anyOf keys: [String]) throws(APIError) -> Int64? {
        for key in keys {
            if let count = try count(key) { return count }
        }
        return nil
    }

    func flag(_ key: String) throws(APIError) -> Bool {
        guard let value = value(key) else { return false }
        guard case .bool(let flag) = value else { throw wrongType(key, value, "true or false") }
        return flag
    }

    func time(_ key: String) throws(APIError) -> Timestamp? {
        guard let value = value(key) else { return nil }
        return try JSONReader(value, path: .key(path, key)).moment()
    }

    func time(anyOf keys: [String]) throws(APIError) -> Timestamp? { try first(keys)?.moment() }

    // MARK: Lists and maps

    func list<Item>(
        _ key: String,
        _ read: (JSONReader) throws(APIError) -> Item
    ) throws(APIError) -> [Item] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value else { throw wrongType(key, value, "a list") }
        guard !elements.isEmpty else { return [] }
        let place = JSONPath.key(path, key)
        var items: [Item] = []
        items.reserveCapacity(elements.count)
        for index in elements.indices {
            items.append(try read(JSONReader(elements[index], path: .index(place, index))))
        }
        return items
    }

    func names(_ key: String) throws(APIError) -> [String] {
        try list(key) { element throws(APIError) in
            guard case .string(let text) = element.value else { throw element.wrongType(expected: "a string") }
            if let fault = Self.nameFault(text) { throw element.invalid(fault) }
            return text
        }
    }

    /// A map from names to texts, such as labels.
    func labels(_ key: String) throws(APIError) -> Labels {
        guard let fields = try fields(key) else { return [:] }
        return try fields.labels()
    }

    func labels() throws(APIError) -> Labels {
        guard !object.isEmpty else { return [:] }
        var entries: [Labels.Entry] = []
        entries.reserveCapacity(object.count)
        for member in object.members {
            switch member.value {
            case .string(let text): entries.append(.init(key: member.key, value: text))
            case .null: entries.append(.init(key: member.key, value: ""))
            default: throw wrongType(member.key, member.value, "a string")
            }
        }
        return NameTable(entries)
    }

    // MARK: Complaints

    func wrongType(_ key: String, _ value: JSONValue, _ expected: String) -> APIError {
        JSONReader(value, path: .key(path, key)).wrongType(expected: expected)
    }
}
