/// An instance type's name taken apart: `m7gd.2xlarge` is family `m7gd`, category `m`, generation 7, size `2xlarge`.
package struct InstanceTypeName: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    package let family: String
    /// The letters before the generation: `m`, `hpc`, `inf`, `u`.
    package let category: String
    /// nil where the name has no number, as in `mac-m4`.
    package let generation: Int?
    package let size: String
    /// Letters and marks after the generation: `gd` of `m7gd`, `i-flex` of `m7i-flex`.
    package let attributes: String

    package init?(_ text: String) {
        guard Self.isPlausible(text) else { return nil }
        let halves = text.split(separator: ".", maxSplits: 1)
        self.text = text
        family = String(halves[0])
        size = String(halves[1])
        if family.hasPrefix("u-") {
            // High-memory families carry their memory before the generation: u-6tb1.
            category = "u"
            generation = Int(String(family.reversed().prefix(while: \.isNumber).reversed()))
            attributes = ""
        } else {
            let letters = family.prefix(while: \.isLetter)
            let digits = family[letters.endIndex...].prefix(while: \.isNumber)
            category = String(letters)
            generation = Int(digits)
            attributes = String(family[digits.endIndex...])
        }
    }

    package var description: String { text }

    /// The processor's kind as the name tells it: a `g` right after the generation is AWS's own Arm processor.
    package var architecture: CPUArchitecture {
        if category == "a" { return .arm64 }
        if category == "mac" { return family == "mac1" ? .x86_64 : .arm64 }
        if attributes.hasPrefix("g") || attributes.contains("-gb") { return .arm64 }  // -gb: Grace-Blackwell
        return generation == nil ? .unknown : .x86_64
    }

    package var isBareMetal: Bool { size.hasPrefix("metal") }
    package var isBurstable: Bool { category == "t" }

    /// True for lower-case letters, digits and hyphens around exactly one dot, in at most 40 bytes.
    package static func isPlausible(_ text: String) -> Bool {
        var dots = 0
        var last = UInt8(ascii: ".")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "-") where last != UInt8(ascii: "."): break
            case UInt8(ascii: ".") where last != UInt8(ascii: "."): dots += 1
            default: return false
            }
            last = byte
        }
        return dots == 1 && last != UInt8(ascii: ".") && text.utf8.count <= 40
    }
}

package enum CPUArchitecture: String, Sendable {
    case arm64
    case x86_64
    case unknown
}
