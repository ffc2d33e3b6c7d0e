/// One value as it came from the server.
///
/// The bytes belong to the answer: they are valid only while the row is alive, so a decoder must not keep them.
package struct PostgresCell {
    /// The object id of the type.
    let type: UInt32
    /// The binary form; nil for NULL.
    let bytes: UnsafeRawBufferPointer?

    /// The binary form of a value that must not be NULL and must have one of these types.
    func bytes(
        for target: String,
        _ types: UInt32...,
        orUserDefined: Bool = false
    ) throws(PostgresError) -> UnsafeRawBufferPointer {
        guard types.contains(type) || (orUserDefined && type >= PostgresType.firstUserDefined) else {
            throw mismatch(target)
        }
        guard let bytes else { throw PostgresError(.decoding, "NULL where \(target) is expected; read \(target)?") }
        return bytes
    }

    /// Reads exactly one integer of the width of `I`.
    func integer<I: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer,
        as type: I.Type = I.self
    ) throws(PostgresError) -> I {
        guard bytes.count == MemoryLayout<I>.size else { throw malformed }
        return I(bigEndian: bytes.loadUnaligned(as: I.self))
    }

    func mismatch(_ target: String) -> PostgresError {
        PostgresError(.decoding, "\(PostgresType.name(of: type)) cannot be read as \(target); cast it in the statement")
    }

    var malformed: PostgresError {
        PostgresError(.decoding, "the bytes of a \(PostgresType.name(of: type)) are malformed")
    }
}
