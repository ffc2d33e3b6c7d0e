import CHiredis

/// A reply of the server in RESP2.
package enum RedisValue: Sendable, Equatable {
    /// The null bulk string or the null array.
    case null
    /// A signed 64-bit number.
    case integer(Int64)
    /// A status line, such as `OK`.
    case simple(String)
    /// Bytes, which need not be text.
    case bulk([UInt8])
    /// Replies within a reply.
    case array([RedisValue])
    /// An error reply, as it stands between the others of a pipeline or a script's array.
    case error(String)

    /// The text of a status or of bytes; nil for every other kind.
    ///
    /// Bytes that are not UTF-8 are repaired.
    package var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// The number, also when the server sent it as text.
    package var int: Int? {
        switch self {
        case .integer(let number): Int(number)
        case .simple, .bulk: string.flatMap { Int($0) }
        default: nil
        }
    }

    /// The bytes of a bulk string or of a status.
    package var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The elements of an array.
    package var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The server's error, ready to be thrown; nil for every other kind.
    package var failure: RedisError? {
        if case .error(let text) = self { RedisError(reply: text) } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// The kind of the reply in words, for messages that must not show its content.
    var kind: String {
        switch self {
        case .null: "nothing"
        case .integer: "a number"
        case .simple: "a status"
        case .bulk: "bytes"
        case .array(let elements): "an array of \(elements.count)"
        case .error: "an error"
        }
    }
}

extension RedisValue {
    /// Copies a reply out of hiredis's memory.
    ///
    /// Recursion is safe: hiredis refuses replies nested deeper than its own stack of nine before we see them.
    init(copying reply: UnsafePointer<redisReply>) {
        let reply = reply.pointee
        switch reply.type {
        case REDIS_REPLY_STRING:
            self = .bulk(Array(Self.content(of: reply)))
        case REDIS_REPLY_STATUS:
            self = .simple(String(decoding: Self.content(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = .error(String(decoding: Self.content(of: reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER:
            self = .integer(reply.integer)
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.element, count: reply.elements)
            self = .array(elements.map { element in element.map { RedisValue(copying: $0) } ?? .null })
        default:
            self = .null
        }
    }

    private static func content(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len)
    }
}
