/// Reads PostgreSQL's binary numeric: base-10000 digits with a weight, a sign and a display scale.
enum PostgresNumeric {
    private static let negative: UInt16 = 0x4000
    private static let notANumber: UInt16 = 0xC000
    private static let plusInfinity: UInt16 = 0xD000
    private static let minusInfinity: UInt16 = 0xF000

    /// The nearest double, correctly rounded: the digits are written out and read by the standard library.
    static func double(from cell: PostgresCell, _ bytes: UnsafeRawBufferPointer) throws(PostgresError) -> Double {
        guard bytes.count >= 8, bytes.count % 2 == 0 else { throw cell.malformed }
        func word(_ index: Int) -> UInt16 {
            UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        }
        let count = Int(word(0))
        let weight = Int(Int16(bitPattern: word(1)))
        switch word(2) {
        case notANumber: return .nan
        case plusInfinity: return .infinity
        case minusInfinity: return -.infinity
        case 0, negative: break
        default: throw cell.malformed
        }
        guard bytes.count == 8 + count * 2 else { throw cell.malformed }
        if count == 0 { return 0 }
        var text = word(2) == negative ? "-" : ""
        for index in 0..<count {
            let digit = word(4 + index)
            guard digit < 10_000 else { throw cell.malformed }
            let plain = String(digit)
            text += String(repeating: "0", count: 4 - plain.count) + plain
        }
        text += "e\((weight - count + 1) * 4)"
        guard let value = Double(text) else { throw cell.malformed }
        return value
    }
}
