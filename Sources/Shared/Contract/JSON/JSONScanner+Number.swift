/// Numbers: integers and short decimals are computed directly, the rest goes through the exact conversion.
extension JSONScanner {
    /// Powers of ten that a double holds exactly; beyond 22 the product would be rounded twice.
    private static let exactPowers: [Double] = {
        var powers = [1.0]
        for _ in 0..<22 { powers.append((powers.last ?? 1) * 10) }
        return powers
    }()

    mutating func number() throws(JSONFault) -> JSONValue {
        let start = position
        var cursor = start
        let isNegative = bytes[cursor] == UInt8(ascii: "-")
        if isNegative { cursor += 1 }
        guard cursor < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: cursor) }
        if bytes[cursor] == UInt8(ascii: "I") { throw JSONFault(reason: .notANumber, offset: start) }

        var mantissa: UInt64 = 0
        var digits = 0  // significant ones
        let whole = cursor
        readDigits(&cursor, &mantissa, &digits)
        guard cursor > whole, bytes[whole] != 0x30 || cursor == whole + 1 else {
            throw JSONFault(reason: .malformedNumber, offset: start)
        }
        var exponent = 0
        var isWhole = true
        if cursor < bytes.count, bytes[cursor] == UInt8(ascii: ".") {
            isWhole = false
            cursor += 1
            let fraction = cursor
            readDigits(&cursor, &mantissa, &digits)
            guard cursor > fraction else { throw JSONFault(reason: .malformedNumber, offset: start) }
            exponent -= cursor - fraction
        }
        if cursor < bytes.count, bytes[cursor] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            exponent += try readExponent(&cursor, start)
        }
        position = cursor

        if isWhole, digits <= 18 { return .integer(isNegative ? -Int64(mantissa) : Int64(mantissa)) }
        if digits <= 15, abs(exponent) <= 22 {
            let power = Self.exactPowers[abs(exponent)]
            let magnitude = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return .double(isNegative ? -magnitude : magnitude)
        }
        return try exactNumber(start, cursor, isWhole: isWhole)
    }

    @inline(__always)
    private func readDigits(_ cursor: inout Int, _ mantissa: inout UInt64, _ digits: inout Int) {
        while cursor < bytes.count {
            let digit = bytes[cursor] &- 0x30
            guard digit <= 9 else { return }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            if digits > 0 || digit > 0 { digits += 1 }
            cursor += 1
        }
    }

    private func readExponent(_ cursor: inout Int, _ start: Int) throws(JSONFault) -> Int {
        cursor += 1
        var isNegative = false
        if cursor < bytes.count, bytes[cursor] == UInt8(ascii: "-") || bytes[cursor] == UInt8(ascii: "+") {
            isNegative = bytes[cursor] == UInt8(ascii: "-")
            cursor += 1
        }
        let first = cursor
        var value = 0
        while cursor < bytes.count, bytes[cursor] &- 0x30 <= 9 {
            value = min(value * 10 + Int(bytes[cursor] - 0x30), 1_000_000)  // far beyond any double
            cursor += 1
        }
        guard cursor > first else { throw JSONFault(reason: .malformedNumber, offset: start) }
        return isNegative ? -value : value
    }

    private func exactNumber(_ start: Int, _ end: Int, isWhole: Bool) throws(JSONFault) -> JSONValue {
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text) else { throw JSONFault(reason: .malformedNumber, offset: start) }
        guard double.isFinite else { throw JSONFault(reason: .numberOutOfRange, offset: start) }
        return .double(double)
    }
}
