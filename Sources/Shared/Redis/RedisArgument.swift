/// Something that can stand as one argument of a command.
package protocol RedisArgumentConvertible: Sendable {
    /// The value as Redis takes it.
    var redisArgument: RedisArgument { get }
}

/// One argument of a command: bytes, whatever they were made from.
package enum RedisArgument: Sendable, Equatable {
    /// Text, sent as UTF-8.
    case string(String)
    /// A number, sent in decimal.
    case integer(Int)
    /// Bytes, sent as they are.
    case bytes([UInt8])
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
}

extension RedisArgument: RedisArgumentConvertible {
    package var redisArgument: RedisArgument { self }
}

extension String: RedisArgumentConvertible {
    package var redisArgument: RedisArgument { .string(self) }
}

extension Int: RedisArgumentConvertible {
    package var redisArgument: RedisArgument { .integer(self) }
}

extension [UInt8]: RedisArgumentConvertible {
    package var redisArgument: RedisArgument { .bytes(self) }
}
