import HTTPTypes

/// The caller's trace, as W3C Trace Context writes it: `00-<32 hex>-<16 hex>-<2 hex>`.
struct TraceParent {
    /// Lower-case, as received.
    let text: String

    /// Nil without the header, and for one of another shape: the specification asks to start anew then, not to refuse.
    init?(_ headers: HTTPFields) {
        guard let text = headers[.traceparent] else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard
            parts.count >= 4, parts.map(\.utf8.count).prefix(4) == [2, 32, 16, 2],
            parts.prefix(4).allSatisfy({ $0.utf8.allSatisfy(Self.isHexDigit) }),
            parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        // Later versions may append fields; what stands here is what every version agrees on.
        self.text = parts.prefix(4).joined(separator: "-")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
