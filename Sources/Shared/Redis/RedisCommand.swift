/// A command and its arguments, laid end to end in one buffer.
///
/// One buffer and one list of ends cost two allocations whatever the number of arguments, and binary arguments need no
/// escaping: hiredis sends each with its length.
package struct RedisCommand: Sendable, Equatable {
    private(set) var bytes: [UInt8]
    /// Where each argument ends in ``bytes``, exclusive.
    private(set) var ends: [Int]

    package init(_ name: String) {
        bytes = []
        ends = []
        append(.string(name))
    }

    /// Builds a command from mixed arguments: `RedisCommand("SET", key, 5)`.
    package init<each Argument: RedisArgumentConvertible>(_ name: String, _ arguments: repeat each Argument) {
        self.init(name)
        for argument in repeat each arguments { append(argument.redisArgument) }
    }

    package mutating func append(_ argument: some RedisArgumentConvertible) {
        append(argument.redisArgument)
    }

    package mutating func append(contentsOf arguments: some Sequence<some RedisArgumentConvertible>) {
        for argument in arguments { append(argument.redisArgument) }
    }

    /// The first argument, which is safe to show in a message; the others are not.
    package var name: String {
        String(decoding: bytes[..<(ends.first ?? 0)], as: UTF8.self)
    }

    /// The arguments as text, the name among them.
    ///
    /// For tests and tools.
    package var arguments: [String] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }
    }

    private mutating func append(_ argument: RedisArgument) {
        switch argument {
        case .string(let text): bytes.append(contentsOf: text.utf8)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .bytes(let raw): bytes.append(contentsOf: raw)
        }
        ends.append(bytes.count)
    }
}
