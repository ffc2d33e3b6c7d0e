import FoundationEssentials

extension [UInt8] {
    /// Appends in network byte order.
    mutating func appendInteger<I: FixedWidthInteger>(_ value: I) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    mutating func appendUUID(_ value: UUID) {
        Swift.withUnsafeBytes(of: value.uuid) { append(contentsOf: $0) }
    }

    /// Appends a length in four bytes and then what `body` writes.
    mutating func appendSized(_ body: (inout [UInt8]) throws(PostgresError) -> Void) throws(PostgresError) {
        let start = count
        appendInteger(Int32(0))
        try body(&self)
        guard let length = Int32(exactly: count - start - 4) else {
            throw PostgresError(.invalidParameter, "a value is larger than 2 GiB; split it")
        }
        Swift.withUnsafeBytes(of: length.bigEndian) { bytes in
            for (offset, byte) in bytes.enumerated() { self[start + offset] = byte }
        }
    }

    /// Appends a one-dimensional array: dimensions, null flag, element type, length, lower bound, elements.
    mutating func appendArray<Item>(
        _ values: [Item?],
        of type: UInt32,
        _ encode: (Item, inout [UInt8]) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        guard !values.isEmpty else {
            appendInteger(Int32(0))
            appendInteger(Int32(0))
            appendInteger(type)
            return
        }
        guard let length = Int32(exactly: values.count) else {
            throw PostgresError(.invalidParameter, "an array has more than 2^31 elements; split it")
        }
        appendInteger(Int32(1))
        appendInteger(Int32(values.contains { $0 == nil } ? 1 : 0))
        appendInteger(type)
        appendInteger(length)
        appendInteger(Int32(1))
        for value in values {
            guard let value else {
                appendInteger(Int32(-1))
                continue
            }
            try appendSized { (buffer) throws(PostgresError) in try encode(value, &buffer) }
        }
    }
}
