package import Contract

extension JSONSchema {
    /// Checks a value.
    ///
    /// `fromScript`: an empty table of Lua, which arrives as an empty object, also counts as an empty list.
    ///
    /// - Throws: 422 with the place of the first fault, in the order of the document.
    package func check(_ reader: JSONReader, fromScript: Bool = false) throws(APIError) {
        let value = reader.value
        let isEmptyTable = fromScript && value.object?.isEmpty == true
        try checkKind(reader, isEmptyTable)
        if let values, !values.contains(value.comparable) {
            throw reader.invalid("is none of \(values.prefix(20).joined(separator: ", "))")
        }
        if let number = value.number { try checkBounds(reader, number) }
        if case .array(let list) = value { try checkItems(reader, list.count, fromScript) }
        if isEmptyTable { try checkCount(reader, 0) }
        if case .object(let object) = value { try checkMembers(reader, object, fromScript) }
    }

    private func checkKind(_ reader: JSONReader, _ isEmptyTable: Bool) throws(APIError) {
        guard !kinds.isEmpty, !kinds.contains(where: { $0.matches(reader.value) }) else { return }
        if isEmptyTable, kinds.contains(.array) { return }
        let expected = Kind.allCases.filter { kinds.contains($0) }.map(\.rawValue).joined(separator: " or ")
        throw reader.wrongType(expected: "of type \(expected)")
    }

    private func checkBounds(_ reader: JSONReader, _ number: Double) throws(APIError) {
        if let minimum, number < minimum { throw reader.invalid("must be at least \(minimum.shortest)") }
        if let maximum, number > maximum { throw reader.invalid("must be at most \(maximum.shortest)") }
    }

    private func checkCount(_ reader: JSONReader, _ count: Int) throws(APIError) {
        if kinds.isEmpty || kinds.contains(.array) {
            if let minimumItems, count < minimumItems {
                throw reader.invalid("must hold at least \(minimumItems) items")
            }
            if let maximumItems, count > maximumItems {
                throw reader.invalid("must hold at most \(maximumItems) items")
            }
        }
    }

    private func checkItems(_ reader: JSONReader, _ count: Int, _ fromScript: Bool) throws(APIError) {
        try checkCount(reader, count)
        guard let schema = items.first else { return }
        for element in try reader.elements() { try schema.check(element, fromScript: fromScript) }
    }

    private func checkMembers(_ reader: JSONReader, _ object: JSONObject, _ fromScript: Bool) throws(APIError) {
        for name in required where object[name] == nil {
            // An empty table stands for a list where one is meant; it lacks nothing then.
            if fromScript, object.isEmpty, kinds.contains(.array) { break }
            let place = JSONPath.key(reader.path, name).description
            throw APIError(.missingField, "\(place) is missing", field: place)
        }
        for member in object.members {
            let place = JSONReader(member.value, path: .key(reader.path, member.key))
            if let schema = properties[member.key] {
                try schema.check(place, fromScript: fromScript)
                continue
            }
            switch others {
            case .allowed: continue
            case .refused: throw place.invalid("is not among the known members")
            case .like(let schema): for schema in schema { try schema.check(place, fromScript: fromScript) }
            }
        }
    }
}

extension JSONSchema.Kind {
    fileprivate func matches(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.string, .string), (.array, .array), (.object, .object): true
        case (.number, .integer), (.number, .double), (.integer, .integer): true
        case (.integer, .double(let value)): Int64(exactly: value) != nil
        default: false
        }
    }
}

extension Double {
    /// Whole numbers without a decimal point.
    fileprivate var shortest: String { Int64(exactly: self).map { String($0) } ?? String(self) }
}
