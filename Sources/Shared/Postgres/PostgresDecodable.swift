package import FoundationEssentials

/// A type that can be read from a column.
package protocol PostgresDecodable {
    /// Reads one value; the cell's bytes must not outlive the call.
    static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self
    /// Reads a whole array; only bytes, which are an array to Swift and one value to PostgreSQL, do it differently.
    static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension PostgresDecodable {
    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        try PostgresArrayReader.read(cell, "[\(Self.self)]") { (element) throws(PostgresError) in try decode(element) }
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self {
        cell.bytes == nil ? .none : .some(try Wrapped.decode(cell))
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self {
        try Element.decodeArray(cell)
    }
}

extension UInt8: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self { throw cell.mismatch("UInt8") }

    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        Array(try cell.bytes(for: "[UInt8]", PostgresType.bytea))
    }
}

extension Bool: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Bool {
        let bytes = try cell.bytes(for: "Bool", PostgresType.bool)
        guard bytes.count == 1 else { throw cell.malformed }
        return bytes[0] != 0
    }
}

extension PostgresDecodable where Self: FixedWidthInteger & SignedInteger {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Self {
        let bytes = try cell.bytes(
            for: "\(Self.self)",
            PostgresType.int8,
            PostgresType.int4,
            PostgresType.int2,
            PostgresType.oid
        )
        let value: Int64 =
            switch cell.type {
            case PostgresType.int8: try cell.integer(bytes)
            case PostgresType.int4: Int64(try cell.integer(bytes, as: Int32.self))
            case PostgresType.int2: Int64(try cell.integer(bytes, as: Int16.self))
            default: Int64(try cell.integer(bytes, as: UInt32.self))
            }
        guard let result = Self(exactly: value) else {
            throw PostgresError(.decoding, "the number does not fit \(Self.self); read a wider integer")
        }
        return result
    }
}

extension Int16: PostgresDecodable {}
extension Int32: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Int: PostgresDecodable {}

extension Double: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Double {
        let bytes = try cell.bytes(
            for: "Double",
            PostgresType.float8,
            PostgresType.float4,
            PostgresType.numeric,
            PostgresType.int4,
            PostgresType.int2
        )
        return switch cell.type {
        case PostgresType.float8: Double(bitPattern: try cell.integer(bytes))
        case PostgresType.float4: Double(Float(bitPattern: try cell.integer(bytes)))
        case PostgresType.numeric: try PostgresNumeric.double(from: cell, bytes)
        case PostgresType.int4: Double(try cell.integer(bytes, as: Int32.self))
        default: Double(try cell.integer(bytes, as: Int16.self))
        }
    }
}

extension String: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> String {
        // The binary form of an enumeration is its label; of jsonb, a version byte and the text.
        var bytes = try cell.bytes(
            for: "String",
            PostgresType.text,
            PostgresType.varchar,
            PostgresType.bpchar,
            PostgresType.name,
            PostgresType.json,
            PostgresType.jsonb,
            PostgresType.char,
            PostgresType.xml,
            PostgresType.unknown,
            orUserDefined: true
        )
        if cell.type == PostgresType.jsonb {
            guard bytes.first == 1 else { throw cell.malformed }
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw cell.malformed }
        return text
    }
}

extension UUID: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> UUID {
        let bytes = try cell.bytes(for: "UUID", PostgresType.uuid)
        guard bytes.count == MemoryLayout<uuid_t>.size else { throw cell.malformed }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Date: PostgresDecodable {
    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> Date {
        let bytes = try cell.bytes(for: "Date", PostgresType.timestamptz, PostgresType.timestamp, PostgresType.date)
        return cell.type == PostgresType.date
            ? PostgresTimestamp.date(days: try cell.integer(bytes))
            : PostgresTimestamp.date(microseconds: try cell.integer(bytes))
    }
}
