/// Tags as AWS writes them, `[{"Key", "Value"}]`, or as a plain map.
enum AWSTags {
    static func read(_ reader: JSONReader) throws(APIError) -> Labels {
        guard case .array = reader.value else { return try JSONFields(reader).labels() }
        var entries: [Labels.Entry] = []
        for (index, value) in try reader.array().enumerated() {
            // What AWS itself prints, without a second look.
            if case .string(let key) = value["Key"], case .string(let text) = value["Value"],
                JSONFields.nameFault(key) == nil
            {
                entries.append(.init(key: key, value: text))
                continue
            }
            let element = JSONReader(value, path: .index(reader.path, index))
            let tag = try JSONFields(element)
            // The Auto Scaling and ECS APIs write the same names in other cases.
            guard case .string(let key) = tag.first(["Key", "key", "TagKey"])?.value, JSONFields.nameFault(key) == nil
            else {
                throw element.invalid("is no tag", hint: "Send {\"Key\": \"Name\", \"Value\": \"web-1\"}.")
            }
            let value = tag.first(["Value", "value", "TagValue"])
            guard value == nil || value?.value.string != nil else {
                throw element.invalid("has a value that is no text")
            }
            entries.append(.init(key: key, value: value?.value.string ?? ""))
        }
        return NameTable(entries)
    }
}
