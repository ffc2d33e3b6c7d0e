/// One entry of a stream.
package struct RedisStreamEntry: Sendable {
    package let stream: String
    /// Milliseconds and sequence, such as `1700000000000-0`.
    package let id: String
    /// Names and values in the order they were added; a name may occur twice.
    package let fields: [(name: String, value: [UInt8])]

    /// The first value under a name.
    package subscript(name: String) -> [UInt8]? {
        fields.first { $0.name == name }?.value
    }

    /// The first value under a name, as text.
    package func text(_ name: String) -> String? {
        self[name].map { String(decoding: $0, as: UTF8.self) }
    }
}

extension RedisStreamEntry {
    /// Reads one `[id, [name, value, …]]`; nil for an entry that was deleted while still pending.
    init?(_ reply: RedisValue, stream: String) {
        guard let parts = reply.array, parts.count == 2, let id = parts[0].string, let flat = parts[1].array else {
            return nil
        }
        self.stream = stream
        self.id = id
        fields = stride(from: 0, to: flat.count - 1, by: 2).map { index in
            (name: flat[index].string ?? "", value: flat[index + 1].bytes ?? [])
        }
    }

    /// Reads a list of entries, leaving out those that were deleted.
    static func list(_ reply: RedisValue, stream: String, command: String) throws(RedisError) -> [RedisStreamEntry] {
        guard let entries = reply.array else { throw .unexpected(reply, to: command, wanted: "a list of entries") }
        return entries.compactMap { RedisStreamEntry($0, stream: stream) }
    }
}
