/// An hourly price in millionths of its currency: exact, where a Double would collect rounding errors.
package struct HourlyPrice: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let micros: Int64

    /// One hundred million per hour; more is damage, and the column holds no more.
    package static let greatest: Int64 = 100_000_000 * 1_000_000

    package init?(micros: Int64) {
        guard micros >= 0, micros < Self.greatest else { return nil }
        self.micros = micros
    }

    /// Reads a plain decimal such as `0.0960000000`; digits beyond the sixth round half up.
    package init?(_ text: some Collection<UInt8>) {
        var whole: Int64 = 0
        var fraction: Int64 = 0
        var fractionDigits = 0
        var digits = 0
        var roundUp = false
        var inFraction = false
        for byte in text {
            if byte == UInt8(ascii: "."), !inFraction {
                inFraction = true
                continue
            }
            guard case let digit = byte &- UInt8(ascii: "0"), digit < 10 else { return nil }
            digits += 1
            if !inFraction {
                whole = whole * 10 + Int64(digit)
                if whole > Self.greatest / 1_000_000 { return nil }
            } else if fractionDigits < 6 {
                fraction = fraction * 10 + Int64(digit)
                fractionDigits += 1
            } else if fractionDigits == 6 {
                roundUp = digit >= 5
                fractionDigits += 1
            }
        }
        guard digits > 0 else { return nil }
        for _ in 0..<max(0, 6 - fractionDigits) { fraction *= 10 }
        self.init(micros: whole * 1_000_000 + fraction + (roundUp ? 1 : 0))
    }

    package init?(_ amount: Double) {
        let micros = (amount * 1_000_000).rounded()
        guard micros.isFinite, micros >= 0, micros < Double(Self.greatest) else { return nil }
        self.init(micros: Int64(micros))
    }

    package var amount: Double { Double(micros) / 1_000_000 }

    /// A plain decimal with six places, as SQL's numeric reads it.
    package var description: String {
        let fraction = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    package static func < (left: Self, right: Self) -> Bool { left.micros < right.micros }
}
