import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer that callers may keep, and ask about with `If-None-Match` instead of having it sent again.
///
/// The tag is the digest of what is sent: it cannot stay the same while the prices have changed, whoever changed them.
struct KeptAnswer {
    var body: [UInt8]
    var contentType = "application/json; charset=utf-8"
    /// Seconds for which a caller need not ask at all; 0 has him ask every time.
    var maxAge = 0
    /// When the body was read from the ledger; nil: just now.
    var readAt: Date?
    var headers = HTTPFields()

    func response(to request: Request) -> Response {
        let digest = SHA256.hash(data: body).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let tag = "\"\(digest)\""
        var headers = headers
        headers[.eTag] = tag
        headers[.cacheControl] = maxAge > 0 ? "private, max-age=\(maxAge)" : "private, no-cache"
        headers[.vary] = "Accept, Authorization, X-API-Key"
        if let readAt { headers[.age] = "\(max(0, Int(Date().timeIntervalSince(readAt))))" }
        if let wanted = request.headers[.ifNoneMatch], Self.names(wanted, tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Compares as RFC 9110 wants it for `If-None-Match`: weakly.
    private static func names(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { part in
            let text = part.drop { $0 == " " }.prefix { $0 != " " }
            return text == "*" || text == tag || text == "W/\(tag)"
        }
    }
}
