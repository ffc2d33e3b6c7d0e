extension PickleMachine {
    /// A signed integer, the lowest byte first.
    mutating func long(byteCount: UInt64) throws(ModelRejection) {
        guard byteCount <= UInt64(limits.integerBytes) else { throw fail(.limit, "an integer of \(byteCount) bytes") }
        let range = try take(byteCount)
        let bytes = graph.bytes(range)
        guard let last = bytes.last else { return try push(.int(0)) }
        let sign: UInt8 = last & 0x80 == 0 ? 0 : 0xFF
        guard bytes.dropFirst(8).allSatisfy({ $0 == sign }),
            bytes.count <= 8 || (bytes[bytes.startIndex + 7] ^ sign) & 0x80 == 0
        else { return try push(.bigInt(byteCount: range.count)) }
        var value: UInt64 = sign == 0 ? 0 : .max
        for (index, byte) in bytes.prefix(8).enumerated() {
            value &= ~(0xFF << UInt64(8 * index))
            value |= UInt64(byte) << UInt64(8 * index)
        }
        try push(.int(Int64(bitPattern: value)))
    }

    /// `I01`, `I-5` or `L5L`, to the end of the line.
    mutating func decimal(isLong: Bool) throws(ModelRejection) {
        var digits = try line()
        if !isLong, digits.elementsEqual("01".utf8) { return try push(.bool(true)) }
        if !isLong, digits.elementsEqual("00".utf8) { return try push(.bool(false)) }
        if isLong, digits.last == UInt8(ascii: "L") { digits.removeLast() }
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw fail(.malformed, "an integer that is no number")
        }
        // Ten bytes of integer are 24 digits and a bit: 5/12 byte each.
        guard digits.count * 5 / 12 <= limits.integerBytes else {
            throw fail(.limit, "an integer of \(digits.count) digits")
        }
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Int64(digit - 0x30)
            let (sum, carry) =
                isNegative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
            if overflow || carry { return try push(.bigInt(byteCount: Int32(digits.count * 5 / 12 + 1))) }
            value = sum
        }
        try push(.int(value))
    }

    mutating func floatText() throws(ModelRejection) {
        let text = try line()
        guard text.count <= 64,
            text.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "x") && $0 != UInt8(ascii: "(") }),
            let value = Double(String(decoding: text, as: UTF8.self))
        else { throw fail(.malformed, "a float that is no number") }
        try push(.float(value))
    }

    /// UTF-8 of a given length.
    mutating func text(count: UInt64) throws(ModelRejection) {
        let range = try textRange(count: count)
        let bytes = graph.bytes(range)
        guard Self.isASCII(bytes) || String(validating: bytes, as: UTF8.self) != nil else {
            throw fail(.malformed, "a text that is not UTF-8")
        }
        try push(.text(range))
    }

    /// A text of Python 2: Latin-1.
    mutating func oldText(count: UInt64) throws(ModelRejection) {
        let range = try textRange(count: count)
        let bytes = graph.bytes(range)
        if Self.isASCII(bytes) { return try push(.text(range)) }
        try push(.text(try keep(Self.utf8(ofLatin1: bytes))))
    }

    private mutating func textRange(count: UInt64) throws(ModelRejection) -> ByteRange {
        let range = try take(count)
        guard count <= UInt64(limits.textBytes) else { throw fail(.limit, "a text of \(count) bytes") }
        return range
    }

    /// Latin-1 with `\uXXXX` and `\UXXXXXXXX`, to the end of the line.
    mutating func rawUnicodeLine() throws(ModelRejection) {
        let bytes = try line()
        guard bytes.count <= limits.textBytes else { throw fail(.limit, "a text of \(bytes.count) bytes") }
        if Self.isASCII(bytes), !bytes.contains(UInt8(ascii: "\\")) {
            return try push(.text(ByteRange(start: Int32(bytes.startIndex), count: Int32(bytes.count))))
        }
        var scalars = String.UnicodeScalarView()
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let next = index + 1 < bytes.endIndex ? bytes[index + 1] : 0
            guard bytes[index] == UInt8(ascii: "\\"), next == UInt8(ascii: "u") || next == UInt8(ascii: "U") else {
                scalars.append(Unicode.Scalar(bytes[index]))
                index += 1
                continue
            }
            let count = next == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[(index + 2)...].prefix(count)
            guard digits.count == count, let code = Self.hexadecimal(digits), let scalar = Unicode.Scalar(code) else {
                throw fail(.malformed, "an escape that is no character")
            }
            scalars.append(scalar)
            index += 2 + count
        }
        try push(.text(try keep(Array(String(scalars).utf8))))
    }

    /// A quoted text of Python 2 with its escapes, to the end of the line.
    mutating func quotedLine() throws(ModelRejection) {
        let line = try line()
        guard let quote = line.first, line.count >= 2, line.last == quote,
            quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else { throw fail(.malformed, "a text without quotes") }
        var decoded: [UInt8] = []
        let inner = line.dropFirst().dropLast()
        var index = inner.startIndex
        while index < inner.endIndex {
            guard inner[index] == UInt8(ascii: "\\") else {
                decoded.append(inner[index])
                index += 1
                continue
            }
            guard index + 1 < inner.endIndex else { throw fail(.malformed, "an escape without a character") }
            let (byte, count) = try Self.escape(inner[(index + 1)...], at: opcodeStart)
            decoded.append(byte)
            index += 1 + count
        }
        try push(.text(try keep(Self.utf8(ofLatin1: decoded[...]))))
    }

    /// What stands after a backslash.
    private static func escape(_ rest: ArraySlice<UInt8>, at offset: Int) throws(ModelRejection) -> (UInt8, count: Int)
    {
        switch rest.first {
        case UInt8(ascii: "n"): return (0x0A, 1)
        case UInt8(ascii: "r"): return (0x0D, 1)
        case UInt8(ascii: "t"): return (0x09, 1)
        case UInt8(ascii: "a"): return (0x07, 1)
        case UInt8(ascii: "b"): return (0x08, 1)
        case UInt8(ascii: "f"): return (0x0C, 1)
        case UInt8(ascii: "v"): return (0x0B, 1)
        case UInt8(ascii: "x"):
            let digits = rest.dropFirst().prefix(2)
            if digits.count == 2, let code = hexadecimal(digits) { return (UInt8(code), 3) }
        case .some(let byte)
        where byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\""):
            return (byte, 1)
        default:
            let digits = rest.prefix(3).prefix { $0 >= 0x30 && $0 <= 0x37 }
            let code = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
            if !digits.isEmpty, code < 256 { return (UInt8(code), digits.count) }
        }
        throw ModelRejection(.malformed, "an escape that does not exist", at: offset)
    }

    static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard digits.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) }) else {
            return nil
        }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    static func isASCII(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index + 8 <= bytes.count {
                let word = UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if word & 0x8080_8080_8080_8080 != 0 { return false }
                index += 8
            }
            while index < bytes.count {
                if bytes[index] & 0x80 != 0 { return false }
                index += 1
            }
            return true
        }
    }

    static func utf8(ofLatin1 bytes: ArraySlice<UInt8>) -> [UInt8] {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte < 0x80 {
                utf8.append(byte)
            } else {
                utf8.append(0xC0 | byte >> 6)
                utf8.append(0x80 | byte & 0x3F)
            }
        }
        return utf8
    }
}
