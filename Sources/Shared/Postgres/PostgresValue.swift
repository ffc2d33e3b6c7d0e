package import FoundationEssentials

/// One parameter of a statement, sent in PostgreSQL's binary format with its type declared.
///
/// The declared types are int8, float8, text, bytea, uuid, timestamptz, jsonb, bool and arrays of them; a statement
/// that needs another type casts: `$1::int4`, `$2::my_enum`. A ``null`` has no type, so the server must be able to
/// infer one: write `$1::int8` where it cannot.
package enum PostgresValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case uuid(UUID)
    /// Microseconds survive; an infinite interval becomes PostgreSQL's `infinity`.
    case timestamp(Date)
    /// JSON text for a jsonb column.
    case json(String)

    case bools([Bool?])
    case ints([Int64?])
    case doubles([Double?])
    case texts([String?])
    case bytesArray([[UInt8]?])
    case uuids([UUID])
    case timestamps([Date?])
}

extension PostgresValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .text(value) }
}

extension PostgresValue {
    package init(_ value: Bool?) { self = value.map(Self.bool) ?? .null }
    package init(_ value: Int64?) { self = value.map(Self.int) ?? .null }
    package init(_ value: Int?) { self = value.map { .int(Int64($0)) } ?? .null }
    package init(_ value: Double?) { self = value.map(Self.double) ?? .null }
    package init(_ value: String?) { self = value.map(Self.text) ?? .null }
    package init(_ value: [UInt8]?) { self = value.map(Self.bytes) ?? .null }
    package init(_ value: UUID?) { self = value.map(Self.uuid) ?? .null }
    package init(_ value: Date?) { self = value.map(Self.timestamp) ?? .null }
}

extension PostgresValue {
    /// The type that is declared to the server; 0 lets it infer one.
    var type: UInt32 {
        switch self {
        case .null: 0
        case .bool: PostgresType.bool
        case .int: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .bytes: PostgresType.bytea
        case .uuid: PostgresType.uuid
        case .timestamp: PostgresType.timestamptz
        case .json: PostgresType.jsonb
        case .bools: PostgresType.boolArray
        case .ints: PostgresType.int8Array
        case .doubles: PostgresType.float8Array
        case .texts: PostgresType.textArray
        case .bytesArray: PostgresType.byteaArray
        case .uuids: PostgresType.uuidArray
        case .timestamps: PostgresType.timestamptzArray
        }
    }

    /// Appends the binary form; ``null`` appends nothing.
    func encode(into buffer: inout [UInt8]) throws(PostgresError) {
        switch self {
        case .null: break
        case .bool(let value): buffer.append(value ? 1 : 0)
        case .int(let value): buffer.appendInteger(value)
        case .double(let value): buffer.appendInteger(value.bitPattern)
        case .text(let value): buffer.append(contentsOf: value.utf8)
        case .bytes(let value): buffer.append(contentsOf: value)
        case .uuid(let value): buffer.appendUUID(value)
        case .timestamp(let value): buffer.appendInteger(try PostgresTimestamp.microseconds(of: value))
        case .json(let value):
            buffer.append(1)  // the only version of jsonb's binary format
            buffer.append(contentsOf: value.utf8)
        case .bools(let values):
            try buffer.appendArray(values, of: PostgresType.bool) { value, buffer in buffer.append(value ? 1 : 0) }
        case .ints(let values):
            try buffer.appendArray(values, of: PostgresType.int8) { value, buffer in buffer.appendInteger(value) }
        case .doubles(let values):
            try buffer.appendArray(values, of: PostgresType.float8) { value, buffer in
                buffer.appendInteger(value.bitPattern)
            }
        case .texts(let values):
            try buffer.appendArray(values, of: PostgresType.text) { value, buffer in
                buffer.append(contentsOf: value.utf8)
            }
        case .bytesArray(let values):
            try buffer.appendArray(values, of: PostgresType.bytea) { value, buffer in
                buffer.append(contentsOf: value)
            }
        case .uuids(let values):
            try buffer.appendArray(values, of: PostgresType.uuid) { value, buffer in buffer.appendUUID(value) }
        case .timestamps(let values):
            try buffer.appendArray(values, of: PostgresType.timestamptz) {
                (value, buffer) throws(PostgresError) in
                buffer.appendInteger(try PostgresTimestamp.microseconds(of: value))
            }
        }
    }
}
