extension JSONReader {
    /// An instant as other tools write it.
    ///
    /// RFC 3339 with any offset; a date alone is its midnight in UTC; a time without an offset is UTC, as the AWS and
    /// Kubernetes clients of Python print it; a number is seconds since 1970, or milliseconds when it is that large.
    ///
    /// - Throws: 422 for anything else.
    package func moment() throws(APIError) -> Timestamp {
        switch value {
        case .string(let text):
            if let instant = Timestamp(loose: text) { return instant }
            throw invalid("is not an RFC 3339 time", hint: "Write it as 2026-01-31T08:30:00Z.")
        case .integer(let number):
            if let instant = Timestamp(epoch: Double(number)) { return instant }
        case .double(let number):
            if let instant = Timestamp(epoch: number) { return instant }
        default: throw wrongType(expected: "a time")
        }
        throw invalid("is no time since 1970 in seconds or milliseconds")
    }
}

extension Timestamp {
    /// Seconds up to the year 5138 are below this, and milliseconds since 1973 above it.
    private static let firstMilliseconds = 1e11

    /// Reads seconds or milliseconds since 1970.
    init?(epoch number: Double) {
        guard number >= 0, number < 1e14 else { return nil }
        self.init(milliseconds: Int64((number >= Self.firstMilliseconds ? number : number * 1000).rounded()))
    }

    /// Reads the forms of RFC 3339, and those in which the offset or the whole time of day is left out.
    package init?(loose text: String) {
        if let strict = Timestamp(text) {
            self = strict
            return
        }
        var bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes.count <= 40 else { return nil }
        if bytes.count == 10 {
            bytes += Array("T00:00:00".utf8)
        } else if let sign = bytes[10...].lastIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }) {
            // +0000 and +00, which ISO 8601 allows and RFC 3339 does not.
            switch bytes.count - sign {
            case 5: bytes.insert(UInt8(ascii: ":"), at: sign + 3)
            case 3: bytes += Array(":00".utf8)
            default: return nil
            }
            self.init(String(decoding: bytes, as: UTF8.self))
            return
        }
        if bytes.last == UInt8(ascii: "Z") || bytes.last == UInt8(ascii: "z") { bytes.removeLast() }
        if bytes.count == 16 { bytes += Array(":00".utf8) }  // without seconds
        bytes.append(UInt8(ascii: "Z"))
        self.init(String(decoding: bytes, as: UTF8.self))
    }
}
