/// Reads PostgreSQL's binary form of a one-dimensional array.
enum PostgresArrayReader {
    static func read<Element>(
        _ cell: PostgresCell,
        _ target: String,
        _ decode: (PostgresCell) throws(PostgresError) -> Element
    ) throws(PostgresError) -> [Element] {
        guard PostgresType.mayBeArray(cell.type) else { throw cell.mismatch(target) }
        guard let bytes = cell.bytes else {
            throw PostgresError(.decoding, "NULL where \(target) is expected; read \(target)?")
        }
        var rest = bytes[...]
        func next() throws(PostgresError) -> Int32 {
            guard rest.count >= 4 else { throw cell.malformed }
            let value = Int32(bigEndian: UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: Int32.self))
            rest = rest.dropFirst(4)
            return value
        }
        let dimensions = try next()
        _ = try next()  // whether there are nulls; every element says so itself
        let type = UInt32(bitPattern: try next())
        if dimensions == 0 {
            guard rest.isEmpty else { throw cell.malformed }
            return []
        }
        guard dimensions == 1 else {
            throw PostgresError(.decoding, "an array of \(dimensions) dimensions; only one is supported")
        }
        let length = Int(try next())
        _ = try next()  // the lower bound, which Swift does not have
        // Every element takes at least four bytes: a length beyond that is a lie.
        guard length >= 0, length <= rest.count / 4 else { throw cell.malformed }
        var result: [Element] = []
        result.reserveCapacity(length)
        for _ in 0..<length {
            let size = Int(try next())
            guard size >= 0 else {
                result.append(try decode(PostgresCell(type: type, bytes: nil)))
                continue
            }
            guard size <= rest.count else { throw cell.malformed }
            let element = UnsafeRawBufferPointer(rebasing: rest.prefix(size))
            rest = rest.dropFirst(size)
            result.append(try decode(PostgresCell(type: type, bytes: element)))
        }
        guard rest.isEmpty else { throw cell.malformed }
        return result
    }
}
