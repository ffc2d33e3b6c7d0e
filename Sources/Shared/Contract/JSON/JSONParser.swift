/// Reads one strict JSON document (RFC 8259) from bytes.
///
/// Our own reader because cluster dumps of 100 MB pass through it: Foundation's decoder manages about 27 MB/s, keeps
/// the last of two equal keys in silence, and its messages name internal types.
package enum JSONParser {
    /// Parses the whole document; anything but white space after it is an error.
    ///
    /// - Throws: ``JSONParseError`` with the place of the first fault.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONParseError) -> JSONValue {
        try settle(bytes.withUnsafeBytes { parsed($0, limits: limits) })
    }

    /// Parses from memory that the caller keeps alive for the call.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .init()
    ) throws(JSONParseError) -> JSONValue {
        try settle(parsed(bytes, limits: limits))
    }

    package static func parse(_ text: String, limits: JSONLimits = .init()) throws(JSONParseError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    /// Parses, and hands the items of long lists to the sink.
    static func parse(
        _ bytes: [UInt8],
        limits: JSONLimits,
        sink: any JSONItemSink
    ) throws(JSONParseError) -> JSONValue {
        try settle(bytes.withUnsafeBytes { parsed($0, limits: limits, sink: sink) })
    }

    /// Parses from memory that the caller keeps alive for the call, and hands the items of long lists to the sink.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits,
        sink: any JSONItemSink
    ) throws(JSONParseError) -> JSONValue {
        try settle(parsed(bytes, limits: limits, sink: sink))
    }

    private static func settle(_ result: Result<JSONValue, JSONParseError>) throws(JSONParseError) -> JSONValue {
        try result.get()
    }

    private static func parsed(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits,
        sink: (any JSONItemSink)? = nil
    ) -> Result<JSONValue, JSONParseError> {
        guard bytes.count <= limits.maximumBytes else {
            // Its lines are not counted: that would read as much of it as is allowed.
            let most = limits.maximumBytes
            return .failure(JSONParseError(reason: .tooLarge, offset: most, line: 1, column: most + 1, path: ""))
        }
        var scanner = JSONScanner(bytes: bytes, maximumDepth: limits.maximumDepth, sink: sink)
        do {
            return .success(try scanner.document())
        } catch {
            return .failure(scanner.error(error))
        }
    }
}

extension JSONValue {
    /// Parses a request's body.
    ///
    /// - Throws: 400 with the place of the first fault.
    package init(body: [UInt8], limits: JSONLimits = .init()) throws(APIError) {
        do throws(JSONParseError) {
            self = try JSONParser.parse(body, limits: limits)
        } catch {
            throw APIError(error)
        }
    }
}
