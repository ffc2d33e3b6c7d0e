/// Writes the rows of a COPY, value by value, in the types of the columns; the bytes leave in chunks.
package struct PostgresCopyWriter {
    /// Large enough that system calls do not count, small enough to stay in the cache.
    private static let chunk = 64 * 1024

    private let columns: [String]
    private let types: [UInt32]
    private let sink: ([UInt8]) throws(PostgresError) -> Void
    private var buffer: [UInt8]
    private var column = 0
    /// Rows that are complete.
    package private(set) var rows = 0

    init(columns: [String], types: [UInt32], sink: @escaping ([UInt8]) throws(PostgresError) -> Void) {
        self.columns = columns
        self.types = types
        self.sink = sink
        // The signature, no flags, no header extension.
        self.buffer =
            [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
        self.buffer.reserveCapacity(Self.chunk + 4_096)
    }

    /// Appends a whole row.
    package mutating func append(row values: [PostgresValue]) throws(PostgresError) {
        guard column == 0, values.count == columns.count else {
            throw PostgresError(
                .invalidParameter,
                "row \(rows + 1) has \(column + values.count) values for \(columns.count) columns"
            )
        }
        for value in values { try append(value) }
    }

    /// Appends the next value of the row; after the last column a new row begins.
    ///
    /// Integers fit int2, int4, int8, float4 and float8 columns, doubles float4 and float8, texts every textual type,
    /// json, jsonb and enumerations.
    package mutating func append(_ value: PostgresValue) throws(PostgresError) {
        if column == 0 { buffer.appendInteger(Int16(columns.count)) }
        if value == .null {
            buffer.appendInteger(Int32(-1))
        } else {
            let type = types[column]
            let name = columns[column]
            try buffer.appendSized { (buffer) throws(PostgresError) in
                guard try value.encode(into: &buffer, as: type) else {
                    throw PostgresError(
                        .invalidParameter,
                        "column \(name) is \(PostgresType.name(of: type)); the value is \(value.kind)"
                    )
                }
            }
        }
        column += 1
        guard column == columns.count else { return }
        column = 0
        rows += 1
        if buffer.count >= Self.chunk { try flush() }
    }

    /// Ends the stream.
    mutating func finish() throws(PostgresError) {
        guard column == 0 else {
            throw PostgresError(
                .invalidParameter,
                "row \(rows + 1) ends after \(column) of \(columns.count) values"
            )
        }
        buffer.appendInteger(Int16(-1))
        try flush()
    }

    private mutating func flush() throws(PostgresError) {
        try sink(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

extension PostgresValue {
    /// The kind of value, for messages that must not show it.
    var kind: String { PostgresType.kind(of: type) }

    /// Appends the binary form of a column's type; false when the value does not fit the type.
    func encode(into buffer: inout [UInt8], as column: UInt32) throws(PostgresError) -> Bool {
        switch (self, column) {
        case (.int(let value), PostgresType.int2):
            guard let value = Int16(exactly: value) else { return false }
            buffer.appendInteger(value)
        case (.int(let value), PostgresType.int4):
            guard let value = Int32(exactly: value) else { return false }
            buffer.appendInteger(value)
        case (.int(let value), PostgresType.float8): buffer.appendInteger(Double(value).bitPattern)
        case (.int(let value), PostgresType.float4): buffer.appendInteger(Float(value).bitPattern)
        case (.double(let value), PostgresType.float4): buffer.appendInteger(Float(value).bitPattern)
        case (.text(let value), PostgresType.jsonb), (.json(let value), PostgresType.jsonb):
            buffer.append(1)  // the only version of jsonb's binary format
            buffer.append(contentsOf: value.utf8)
        case (.json(let value), PostgresType.json): buffer.append(contentsOf: value.utf8)
        case (.text(let value), PostgresType.varchar), (.text(let value), PostgresType.bpchar),
            (.text(let value), PostgresType.json), (.text(let value), PostgresType.name):
            buffer.append(contentsOf: value.utf8)
        case (.text(let value), PostgresType.firstUserDefined...): buffer.append(contentsOf: value.utf8)
        case (_, type): try encode(into: &buffer)
        default: return false
        }
        return true
    }
}

extension PostgresType {
    static func kind(of type: UInt32) -> String {
        switch type {
        case boolArray, byteaArray, textArray, int8Array, float8Array, timestamptzArray, uuidArray: "an array"
        default: name(of: type)
        }
    }
}
