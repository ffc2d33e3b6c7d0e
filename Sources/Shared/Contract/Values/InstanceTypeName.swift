/// The parts of an EC2 instance type name, such as `c7gn.2xlarge`.
///
/// Names are all that a price list always has; architecture and generation follow from them when a catalogue is silent.
package struct InstanceTypeName: Sendable, Hashable, CustomStringConvertible {
    /// Everything before the dot: `c7gn`, `c7i-flex`, `u-6tb1`.
    package let family: String
    /// The leading letters: `c`, `inf`, `u`.
    package let series: String
    /// The first number of the family; 1 when it has none.
    package let generation: Int
    /// Letters after the generation: `gn`, `idn`; empty when there are none.
    package let attributes: String
    /// What follows a hyphen: `flex`, `6tb1`, `m2pro`.
    package let variant: String?
    /// Everything after the dot: `2xlarge`, `metal-24xl`.
    package let size: String

    package var description: String { "\(family).\(size)" }
    package var isBareMetal: Bool { size == "metal" || size.hasPrefix("metal-") }
    /// The T families earn CPU credits and stall without them.
    package var isBurstable: Bool { series == "t" }

    /// AWS marks its own ARM processors with a g after the generation; a1 and the newer Mac hosts came before the rule,
    /// and gb stands for Grace-Blackwell.
    package var isARM: Bool {
        series == "a" || attributes.contains("g") || (series == "mac" && generation >= 2)
            || variant?.hasPrefix("gb") ?? false
    }

    /// Reads a name in lower case with one dot.
    package init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, name.utf8.count <= 50,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAllowed) }),
            let first = parts[0].utf8.first, Self.isLetter(first)
        else { return nil }
        family = String(parts[0])
        size = String(parts[1])
        let halves = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let head = Array(halves[0].utf8)
        let letters = head.prefix { Self.isLetter($0) }
        let digits = head.dropFirst(letters.count).prefix { Self.isDigit($0) }
        series = String(decoding: letters, as: UTF8.self)
        attributes = String(decoding: head.dropFirst(letters.count + digits.count), as: UTF8.self)
        variant = halves.count > 1 ? String(halves[1]) : nil
        generation = Int(String(decoding: digits, as: UTF8.self)) ?? Self.lastDigits(of: variant) ?? 1
        guard halves.count == 1 || variant?.isEmpty == false else { return nil }
    }

    /// The high-memory names of old put the generation last: `u-6tb1`.
    private static func lastDigits(of variant: String?) -> Int? {
        guard let variant else { return nil }
        let digits = Array(variant.utf8).reversed().prefix { isDigit($0) }.reversed()
        return Int(String(decoding: Array(digits), as: UTF8.self))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isAllowed(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x2D }
}
