extension JSONFields {
    /// A quantity as text or as a bare number; never negative.
    static func quantity(_ value: JSONValue, at path: @autoclosure () -> JSONPath) throws(APIError) -> Quantity {
        let quantity: Quantity?
        switch value {
        case .string(let text): quantity = Quantity(text)
        case .integer(let number): quantity = Quantity(units: number)
        // A double's own text is exact enough: quantities are kept to a billionth.
        case .double(let number): quantity = Quantity(String(number))
        default: throw JSONReader(value, path: path()).wrongType(expected: "a quantity such as \"500m\" or \"2Gi\"")
        }
        guard let quantity else {
            throw JSONReader(value, path: path()).invalid(
                "is no quantity",
                hint: "Send a quantity such as \"500m\" or \"2Gi\"."
            )
        }
        guard quantity >= .zero else { throw JSONReader(value, path: path()).invalid("must not be negative") }
        return quantity
    }

    func quantity(_ key: String) throws(APIError) -> Quantity? {
        guard let value = value(key) else { return nil }
        return try Self.quantity(value, at: .key(path, key))
    }

    /// Requests or limits by resource name.
    func resourceList(_ key: String) throws(APIError) -> ResourceList {
        guard let fields = try fields(key) else { return ResourceList() }
        return try fields.resourceList()
    }

    func resourceList() throws(APIError) -> ResourceList {
        var list = ResourceList()
        for member in object.members {
            if case .null = member.value { continue }
            let quantity = try Self.quantity(member.value, at: .key(path, member.key))
            switch member.key {
            case "cpu": list.cpu = quantity.millis
            case "memory": list.memory = quantity.units
            case "ephemeral-storage": list.ephemeralStorage = quantity.units
            default: list.extended[member.key] = quantity.units
            }
        }
        return list
    }

    /// Capacity or allocatable by resource name; nothing when it is not there, or says nothing.
    func resourceAmounts(_ key: String) throws(APIError) -> ResourceAmounts? {
        guard let fields = try fields(key), !fields.object.isEmpty else { return nil }
        var amounts = try fields.resourceList().amounts
        amounts.pods = amounts.extended["pods", default: 0]
        amounts.extended["pods"] = nil
        return amounts
    }
}
