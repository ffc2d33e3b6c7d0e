import HTTPTypes

/// What a caller prefers (RFC 7240): an answer now, or within some seconds.
struct Prefer: Equatable {
    var respondsAsync = false
    /// Seconds.
    var wait: Int?

    /// Reads every `Prefer` header; unknown preferences and malformed values are ignored, as the RFC asks.
    init(_ headers: HTTPFields) {
        for preference in headers[values: .prefer].flatMap({ $0.split(separator: ",") }) {
            let parts = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            let name = parts.first?.filter { $0 != " " }.lowercased()
            let value = parts.count == 2 ? parts[1].filter { $0 != " " && $0 != "\"" } : ""
            switch name {
            case "respond-async": respondsAsync = true
            case "wait": wait = Int(value).flatMap { $0 >= 0 ? $0 : nil } ?? wait
            default: continue
            }
        }
    }

    /// Whether the caller knows that an answer may be a 202.
    var isStated: Bool { respondsAsync || wait != nil }
}
