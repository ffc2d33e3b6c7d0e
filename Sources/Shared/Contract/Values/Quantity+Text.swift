/// The written form: `500m`, `1.5Gi`, `2e3`, `-7`, `.5`.
extension Quantity {
    /// Longest text accepted; the longest sensible quantity has about 30 characters.
    private static let maximumLength = 128

    /// Reads a quantity, or returns nothing when the text is none.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength else { return nil }
        var cursor = 0
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative || bytes[0] == UInt8(ascii: "+") { cursor = 1 }

        var digits: [UInt8] = []
        let whole = cursor
        Self.takeDigits(bytes, &cursor, &digits)
        var point = digits.count
        var hasDigits = cursor > whole
        if cursor < bytes.count, bytes[cursor] == UInt8(ascii: ".") {
            cursor += 1
            let fraction = cursor
            Self.takeDigits(bytes, &cursor, &digits)
            hasDigits = hasDigits || cursor > fraction
        }
        guard hasDigits, let suffix = Suffix(bytes[cursor...]) else { return nil }
        point += suffix.decimalExponent
        let magnitude = Self.nanos(digits: digits, point: point, unit: suffix.multiplier)
        self.init(nanos: isNegative ? -magnitude : magnitude)
    }

    /// The quantity as the shortest decimal of its unit: `1.5`, `0.25`, `1048576`.
    package var decimalText: String {
        let sign = nanos < 0 ? "-" : ""
        let (whole, fraction) = nanos.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard fraction > 0 else { return "\(sign)\(whole)" }
        var digits = String(fraction)
        digits = String(repeating: "0", count: 9 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }

    private static func takeDigits(_ bytes: [UInt8], _ cursor: inout Int, _ digits: inout [UInt8]) {
        while cursor < bytes.count, bytes[cursor] &- 0x30 <= 9 {
            digits.append(bytes[cursor] - 0x30)
            cursor += 1
        }
    }

    /// Digits with the decimal point after the first `point` of them, times the unit, in nanos, rounded up.
    private static func nanos(digits: [UInt8], point: Int, unit: Int128) -> Int128 {
        guard let first = digits.firstIndex(where: { $0 != 0 }) else { return 0 }
        // The cap is below 10^19 units, which is 10^28 of the smallest unit: more digits than that are beyond it.
        guard point - first <= 28 else { return largest }
        var wholePart: Int128 = 0
        for index in 0..<max(0, point) { wholePart = wholePart * 10 + Int128(index < digits.count ? digits[index] : 0) }
        let (product, overflow) = wholePart.multipliedReportingOverflow(by: unit)
        guard !overflow, product < largest else { return largest }

        // Horner from the last digit: floor((floor(x) + n) / 10) = floor((x + n) / 10), so nothing is lost but the
        // remainder, and whether there was one decides the rounding.
        var fraction: Int128 = 0
        var isExact = true
        for index in stride(from: digits.count - 1, through: max(0, point), by: -1) {
            let sum = fraction + Int128(digits[index]) * unit
            isExact = isExact && sum % 10 == 0
            fraction = sum / 10
        }
        for _ in 0..<min(60, max(0, -point)) {
            isExact = isExact && fraction % 10 == 0
            fraction /= 10
        }
        return min(largest, product + fraction + (isExact ? 0 : 1))
    }
}

extension Quantity {
    /// What follows the digits.
    private struct Suffix {
        /// Nanos in one of the unit.
        var multiplier = Quantity.nanosPerUnit
        var decimalExponent = 0

        init?(_ bytes: ArraySlice<UInt8>) {
            switch String(decoding: bytes, as: UTF8.self) {
            case "": break
            case "n": multiplier = 1
            case "u": multiplier = 1000
            case "m": multiplier = 1_000_000
            case "k": multiplier *= 1000
            case "M": multiplier *= 1_000_000
            case "G": multiplier *= 1_000_000_000
            case "T": multiplier *= 1_000_000_000_000
            case "P": multiplier *= 1_000_000_000_000_000
            case "E": multiplier *= 1_000_000_000_000_000_000
            case "Ki": multiplier <<= 10
            case "Mi": multiplier <<= 20
            case "Gi": multiplier <<= 30
            case "Ti": multiplier <<= 40
            case "Pi": multiplier <<= 50
            case "Ei": multiplier <<= 60
            default:
                guard let exponent = Self.exponent(bytes) else { return nil }
                decimalExponent = exponent
            }
        }

        private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int? {
            guard let letter = bytes.first, letter | 0x20 == UInt8(ascii: "e") else { return nil }
            var digits = bytes.dropFirst()
            let isNegative = digits.first == UInt8(ascii: "-")
            if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
            guard !digits.isEmpty, digits.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
            var value = 0
            for digit in digits { value = min(value * 10 + Int(digit - 0x30), 1000) }  // beyond every cap
            return isNegative ? -value : value
        }
    }
}
