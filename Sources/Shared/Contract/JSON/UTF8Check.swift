/// Strict UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// Returns the offset of the first byte that does not belong, or nothing when all is well.
    static func firstFault(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            guard let shape = shape(of: lead), index + shape.length <= bytes.count else { return index }
            guard shape.second.contains(bytes[index + 1]) else { return index }
            for follow in 2..<max(2, shape.length) where bytes[index + follow] & 0xC0 != 0x80 { return index }
            index += shape.length
        }
        return nil
    }

    /// Length of a sequence and the range its second byte must lie in (table 3-7 of the Unicode standard).
    private static func shape(of lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>)? {
        switch lead {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: nil
        }
    }
}
