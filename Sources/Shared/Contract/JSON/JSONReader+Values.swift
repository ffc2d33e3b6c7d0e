extension JSONReader {
    package func object() throws(APIError) -> JSONObject {
        guard case .object(let object) = value else { throw wrongType(expected: "an object") }
        return object
    }

    package func array() throws(APIError) -> [JSONValue] {
        guard case .array(let items) = value else { throw wrongType(expected: "a list") }
        return items
    }

    /// The elements, each with its own place.
    package func elements() throws(APIError) -> [JSONReader] {
        try array().enumerated().map { JSONReader($0.element, path: .index(path, $0.offset)) }
    }

    package func bool() throws(APIError) -> Bool {
        guard case .bool(let value) = value else { throw wrongType(expected: "true or false") }
        return value
    }

    /// Text of 1 to `maximumLength` bytes without control characters: such text may be logged and echoed.
    package func string(maximumLength: Int = 255) throws(APIError) -> String {
        guard case .string(let text) = value else { throw wrongType(expected: "a string") }
        guard !text.isEmpty else { throw invalid("must not be empty") }
        guard text.utf8.count <= maximumLength else { throw invalid("must not exceed \(maximumLength) bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw invalid("must not contain control characters")
        }
        return text
    }

    /// A list of texts; one text alone counts as a list of one.
    package func strings(maximumCount: Int = 2000) throws(APIError) -> [String] {
        if case .string = value { return [try string()] }
        guard case .array = value else { throw wrongType(expected: "a list of strings") }
        let elements = try elements()
        guard elements.count <= maximumCount else { throw invalid("must not hold more than \(maximumCount) items") }
        var texts: [String] = []
        for element in elements { texts.append(try element.string()) }
        return texts
    }

    /// A number within the range.
    ///
    /// Text is refused: `"4"` where 4 is meant is a bug worth hearing about.
    package func number(in range: ClosedRange<Double>, unit: String = "") throws(APIError) -> Double {
        guard let number = value.number else { throw wrongType(expected: "a number") }
        try check(number, in: range, unit: unit)
        return number
    }

    /// A whole number within the range; `4.0` counts as 4.
    package func integer(in range: ClosedRange<Int64>, unit: String = "") throws(APIError) -> Int64 {
        guard let number = value.number else { throw wrongType(expected: "a whole number") }
        try check(number, in: Double(range.lowerBound)...Double(range.upperBound), unit: unit)
        if let integer = value.integer { return integer }
        guard let integer = Int64(exactly: number) else { throw wrongType(expected: "a whole number") }
        return integer
    }

    /// Refuses what lies outside the range, and says first of all when a negative number came where none can be.
    package func check(_ number: Double, in range: ClosedRange<Double>, unit: String) throws(APIError) {
        let suffix = unit.isEmpty ? "" : " " + unit
        let bounds = "\(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))\(suffix)"
        if number < 0, range.lowerBound >= 0 { throw invalid("must not be negative", hint: "Send \(bounds).") }
        guard range.contains(number) else { throw invalid("must be \(bounds)", hint: "Send \(bounds).") }
    }

    private static func short(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? String(number)
    }

    /// An instant in RFC 3339 form.
    package func timestamp() throws(APIError) -> Timestamp {
        guard let instant = Timestamp(try string(maximumLength: 64)) else {
            throw invalid("is not an RFC 3339 time", hint: "Write it as 2026-01-31T08:30:00Z.")
        }
        return instant
    }
}
