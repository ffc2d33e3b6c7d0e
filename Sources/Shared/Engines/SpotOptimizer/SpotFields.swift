import Contract

/// Finds a wish in several objects under several names and reads it in its unit.
struct SpotFields {
    static let cpuNames = [
        "cpu", "vcpu", "vcpus", "min_cpu", "min_vcpu", "min_vcpus", "cpu_cores", "cpu_required", "required_cpu",
        "cores",
    ]
    /// A bare number under these names is GiB.
    static let memoryNames = [
        "memory", "memory_gb", "memory_gib", "min_memory_gb", "min_memory", "memory_required", "required_memory",
        "ram_gb",
    ]
    static let memoryMiBNames = ["memory_mb", "memory_mib", "min_memory_mb"]

    let places: [JSONReader]

    init(_ places: [JSONReader]) { self.places = places }

    func first(_ names: [String]) throws(APIError) -> JSONReader? {
        for place in places {
            if let field = try place.first(of: names) { return field }
        }
        return nil
    }

    func number(
        _ names: [String],
        in range: ClosedRange<Double>,
        _ unit: String = ""
    ) throws(APIError) -> Double? {
        try first(names)?.number(in: range, unit: unit)
    }

    func count(_ names: [String], from least: Int64 = 0, upTo most: Int64) throws(APIError) -> Int? {
        guard let field = try first(names) else { return nil }
        return Int(try field.integer(in: least...most))
    }

    func flag(_ names: [String]) throws(APIError) -> Bool? { try first(names)?.bool() }

    func patterns(_ names: [String]) throws(APIError) -> [NamePattern] {
        guard let field = try first(names) else { return [] }
        let texts = try field.strings()
        for text in texts where !text.utf8.allSatisfy({ Self.isPatternByte($0) }) {
            throw field.invalid(
                "holds \"\(text)\", which is no type name",
                hint: "Send names such as m5, m5* or m5.large."
            )
        }
        return texts.map(NamePattern.init)
    }

    private static func isPatternByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "*"): true
        default: false
        }
    }

    /// Millicores from a number of cores or a quantity such as `"500m"`.
    func cores(_ names: [String], upTo most: Double) throws(APIError) -> Int? {
        guard let field = try first(names) else { return nil }
        guard let quantity = try Self.quantity(field, "a number of cores or a quantity such as \"500m\"") else {
            return Int((try field.number(in: 0...most, unit: "cores") * 1000).rounded(.up))
        }
        try field.check(quantity.approximate, in: 0...most, unit: "cores")
        return Int(quantity.millis)
    }

    /// Mebibytes from a number in the unit of its name or from a quantity such as `"4Gi"`.
    func mebibytes(gib: [String], mib: [String], upTo mostGiB: Double) throws(APIError) -> Int? {
        if let field = try first(gib) { return try Self.mebibytes(field, mostGiB, perUnit: 1024) }
        if let field = try first(mib) { return try Self.mebibytes(field, mostGiB, perUnit: 1) }
        return nil
    }

    private static func mebibytes(
        _ field: JSONReader,
        _ mostGiB: Double,
        perUnit: Double
    ) throws(APIError) -> Int {
        let unit = perUnit == 1024 ? "GiB" : "MiB"
        guard let quantity = try quantity(field, "a number of \(unit) or a quantity such as \"4Gi\"") else {
            let number = try field.number(in: 0...mostGiB * 1024 / perUnit, unit: unit)
            return Int((number * perUnit).rounded(.up))
        }
        try field.check(quantity.approximate / 1_073_741_824, in: 0...mostGiB, unit: "GiB")
        if quantity > .zero, quantity < Quantity(units: 1 << 20) {
            throw field.invalid(
                "is less than one MiB",
                hint: "A text without a suffix is bytes: write \"4Gi\", or 4 as a number."
            )
        }
        return Int(quantity.mebibytes)
    }

    /// The quantity when the field is text; nothing when it is a number.
    private static func quantity(_ field: JSONReader, _ expected: String) throws(APIError) -> Quantity? {
        if field.value.number != nil { return nil }
        guard case .string(let text) = field.value else { throw field.wrongType(expected: expected) }
        guard let quantity = Quantity(text) else {
            throw field.invalid("is not \(expected)", hint: "Send \(expected).")
        }
        return quantity
    }
}
