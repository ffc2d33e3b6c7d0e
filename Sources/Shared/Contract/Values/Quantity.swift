/// A Kubernetes resource quantity, exact to a billionth.
///
/// Kept as an integer of nano units, so that `0.1` is a tenth and sums of a thousand pods do not drift. The rules are
/// those of the API machinery: finer fractions are rounded away from zero to one nano (a request is never lost), and
/// what exceeds 2^63 - 1 is capped.
package struct Quantity: Sendable, Hashable, Comparable {
    package let nanos: Int128

    static let nanosPerUnit: Int128 = 1_000_000_000
    static let largest = Int128(Int64.max) * nanosPerUnit

    package init(nanos: Int128) { self.nanos = min(max(nanos, -Self.largest), Self.largest) }
    package init(units: Int64) { nanos = Int128(units) * Self.nanosPerUnit }
    package init(millis: Int64) { nanos = Int128(millis) * 1_000_000 }

    package static let zero = Quantity(units: 0)

    package static func < (left: Quantity, right: Quantity) -> Bool { left.nanos < right.nanos }
    package static func + (left: Quantity, right: Quantity) -> Quantity { Quantity(nanos: left.nanos + right.nanos) }

    /// Whole units, rounded away from zero as the API does.
    package var units: Int64 { Self.scaled(nanos, by: Self.nanosPerUnit) }

    /// Thousandths, rounded away from zero: millicores when the quantity is CPU.
    package var millis: Int64 { Self.scaled(nanos, by: 1_000_000) }

    /// Mebibytes when the quantity is memory, rounded away from zero.
    package var mebibytes: Int64 { Self.scaled(nanos, by: Self.nanosPerUnit << 20) }

    /// The nearest double, for ratios only.
    package var approximate: Double { Double(nanos) / 1e9 }

    private static func scaled(_ value: Int128, by divisor: Int128) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        let rounded = remainder == 0 ? quotient : quotient + (value < 0 ? -1 : 1)
        return Int64(clamping: rounded)
    }
}
