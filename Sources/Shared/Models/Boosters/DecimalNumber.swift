/// Decimal numbers in text, as XGBoost and LightGBM write them.
enum DecimalNumber {
    /// Powers of ten that are exact in 64 bits.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The number that begins at `start`, and where it ends; nil when there is none.
    ///
    /// Up to 53 bits of digits times an exact power of ten take one correctly rounded operation; all others go through the
    /// standard library. A number that lies so near the middle between two 32-bit ones that rounding it to 64 bits hits
    /// the middle would be rounded twice on its way to 32 bits: `forFloats` replaces it by its 32-bit value.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        forFloats: Bool
    ) -> (value: Double, end: Int)? {
        var position = start
        let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        if let special = special(bytes, position) { return (isNegative ? -special.value : special.value, special.end) }
        var digits: UInt64 = 0
        var significant = 0
        var scale = 0
        let first = position
        func take() -> Bool {
            guard position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 else { return false }
            if significant < 19 {
                digits = digits * 10 + UInt64(digit)
                if digits != 0 { significant += 1 }
            } else {
                significant += 1
            }
            position += 1
            return true
        }
        while take() {}
        guard position > first else { return nil }
        // JSON allows no further digit after a leading 0.
        if bytes[first] == 0x30, position > first + 1 { return nil }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            let point = position
            while take() {}
            guard position > point else { return nil }
            scale = point - position
        }
        guard let exponent = exponent(bytes, &position) else { return nil }
        guard significant <= 19, digits <= 1 << 53, case let power = scale + exponent, power.magnitude <= 22 else {
            guard let value = slow(bytes, start, position) else { return nil }
            return (value, position)
        }
        let magnitude = power < 0 ? Double(digits) / powers[-power] : Double(digits) * powers[power]
        let value = isNegative ? -magnitude : magnitude
        if forFloats, liesBetweenFloats(value), let exact = Float(text(bytes, start, position)) {
            return (Double(exact), position)
        }
        return (value, position)
    }

    private static func liesBetweenFloats(_ value: Double) -> Bool {
        value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
    }

    private static func exponent(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Int? {
        guard position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") else { return 0 }
        position += 1
        var isNegative = false
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let first = position
        var exponent = 0
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
            exponent = min(100_000, exponent * 10 + Int(digit))
            position += 1
        }
        return position > first ? (isNegative ? -exponent : exponent) : nil
    }

    private static func special(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> (value: Double, end: Int)? {
        guard position < bytes.count, bytes[position] | 0x20 == 0x69 || bytes[position] | 0x20 == 0x6E else {
            return nil
        }
        for (word, value) in [("Infinity", Double.infinity), ("inf", .infinity), ("NaN", .nan), ("nan", .nan)]
        where bytes.count - position >= word.utf8.count
            && bytes[position..<position + word.utf8.count].elementsEqual(word.utf8)
        {
            return (value, position + word.utf8.count)
        }
        return nil
    }

    private static func slow(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Double? {
        // No genuine number is longer; the standard library would take its time.
        guard end - start <= 400 else { return nil }
        return Double(text(bytes, start, end))
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> String {
        String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
