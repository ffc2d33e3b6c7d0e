/// An object in the small shape that callers write by hand: one level, with units in the names or none at all.
struct FlatFields {
    let fields: JSONFields
    /// What had to be taken for granted, such as the unit of a bare number.
    private(set) var assumptions: [String] = []

    init(_ reader: JSONReader) throws(APIError) { fields = try JSONFields(reader) }

    func text(_ keys: [String]) throws(APIError) -> String? { try fields.firstName(keys) }

    func required(_ keys: [String]) throws(APIError) -> String {
        if let text = try text(keys) { return text }
        let place = JSONPath.key(fields.path, keys[0]).description
        throw APIError(.missingField, "\(place) is missing", field: place)
    }

    /// The object's own name, or the key it stands under in a map.
    func name(_ keys: [String], or key: String?) throws(APIError) -> String {
        if let text = try text(keys) { return text }
        if let key, JSONFields.nameFault(key) == nil, !key.isEmpty { return key }
        return try required(keys)
    }

    func flag(_ keys: [String]) throws(APIError) -> Bool? { try fields.first(keys)?.bool() }
    func time(_ keys: [String]) throws(APIError) -> Timestamp? { try fields.first(keys)?.moment() }

    func count(_ keys: [String]) throws(APIError) -> Int64? {
        guard let field = fields.first(keys) else { return nil }
        if case .string(let text) = field.value, let number = Int64(text) {
            return try JSONReader(.integer(number), path: field.path).integer(in: 0...Int64.max)
        }
        return try field.integer(in: 0...(1 << 53))
    }

    func labels(_ keys: [String]) throws(APIError) -> Labels {
        guard let field = fields.first(keys) else { return [:] }
        // Tags come as a list of Key and Value from AWS.
        if case .array = field.value { return try AWSTags.read(field) }
        return try JSONFields(field).labels()
    }

    // MARK: Amounts

    /// Millicores: text is a quantity, a number counts cores; above `largest` it cannot, and counts millicores.
    mutating func millicores(_ name: String, _ keys: [String], largest: Double) throws(APIError) -> Int64? {
        if let field = fields.first(keys.flatMap { [$0 + "_millicores", $0 + "_m"] }) {
            return Self.clamped(try field.number(in: 0...1e12))
        }
        guard let field = fields.first(keys + keys.map { $0 + "_cores" }) else { return nil }
        guard let number = field.value.number else {
            return try JSONFields.quantity(field.value, at: field.path).millis
        }
        try field.check(number, in: 0...1e12, unit: "cores")
        if number > largest {
            assumptions.append("\(name) above \(Int64(largest)) was read as millicores")
            return Self.clamped(number)
        }
        return Self.clamped(number * 1000)
    }

    /// Bytes: the unit is in the name, or text is a quantity, or a bare number is GiB, MiB or bytes by its size.
    ///
    /// Bare numbers up to `largestGiB` are GiB.
    mutating func bytes(_ name: String, _ keys: [String], largestGiB: Double) throws(APIError) -> Int64? {
        for (suffixes, unit) in Self.byteSuffixes {
            if let field = fields.first(keys.flatMap { key in suffixes.map { key + $0 } }) {
                guard let number = field.value.number else {
                    return try JSONFields.quantity(field.value, at: field.path).units
                }
                try field.check(number, in: 0...1e18, unit: "")
                return Self.clamped(number * unit)
            }
        }
        guard let field = fields.first(keys) else { return nil }
        guard let number = field.value.number else { return try JSONFields.quantity(field.value, at: field.path).units }
        try field.check(number, in: 0...1e18, unit: "")
        if number <= largestGiB {
            assumptions.append("\(name) without a unit was read as GiB")
            return Self.clamped(number * 1_073_741_824)
        }
        // A mebibyte in bytes, a tebibyte in mebibytes: nothing sensible lies on the wrong side.
        let isMebibytes = number < 16_777_216
        if isMebibytes { assumptions.append("\(name) without a unit was read as MiB") }
        return Self.clamped(isMebibytes ? number * 1_048_576 : number)
    }

    private static let byteSuffixes: [([String], Double)] = [
        (["_gb", "_gib"], 1_073_741_824), (["_mb", "_mib"], 1_048_576), (["_bytes"], 1),
    ]

    private static func clamped(_ number: Double) -> Int64 {
        number >= 9.2e18 ? .max : Int64(number.rounded(.up))
    }

    // MARK: Use

    /// Percent, 0 to 100 and above, from names that say percent or from shares of 1.
    ///
    /// Under the names of `percent` 25 means a quarter, under those of `shares` both 0.25 and 25 do.
    func percent(_ percent: [String], shares: [String]) throws(APIError) -> Double? {
        if let field = fields.first(percent) { return try field.number(in: 0...1e6, unit: "percent") }
        guard let field = fields.first(shares) else { return nil }
        let number = try field.number(in: 0...1e6)
        return number <= 1 ? number * 100 : number
    }
}
