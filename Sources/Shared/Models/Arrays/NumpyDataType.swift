/// What one element of an array is.
package struct NumpyDataType: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case float, signed, unsigned, bool
        /// UTF-32.
        case text
        /// Bytes padded with zeros.
        case bytes
        /// Fields at offsets.
        case record
        /// References to Python objects.
        case object
        /// Dates and durations: eight bytes that nobody here reads.
        case time
    }

    /// One field of a record; its type is an index into the graph's data types.
    package struct Field: Sendable, Equatable {
        let name: String
        let offset: Int
        let type: Int32
    }

    package let kind: Kind
    /// Bytes of one element.
    package internal(set) var size: Int
    package internal(set) var isBigEndian = false
    package internal(set) var fields: [Field] = []
    /// Whether BUILD has been seen: a second one is refused.
    var isBuilt = false

    /// Reads the short form, such as `f8`, `<i4`, `U12` or `V64`.
    ///
    /// - Returns: nil for types that numbers and labels of models do not have.
    static func parse(_ code: some Collection<UInt8>) -> NumpyDataType? {
        var code = Array(code)
        var isBigEndian = false
        if let first = code.first,
            [UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "|")].contains(first)
        {
            isBigEndian = first == UInt8(ascii: ">")
            code.removeFirst()
        }
        guard let letter = code.first, code.count <= 9 else { return nil }
        if code.count == 1 {
            switch letter {
            case UInt8(ascii: "?"): return NumpyDataType(kind: .bool, size: 1)
            case UInt8(ascii: "O"): return NumpyDataType(kind: .object, size: 8)
            default: return nil
            }
        }
        var size = 0
        for digit in code.dropFirst() {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            size = size * 10 + Int(digit - 0x30)
        }
        let kind: Kind
        switch (letter, size) {
        case (UInt8(ascii: "f"), 4), (UInt8(ascii: "f"), 8): kind = .float
        case (UInt8(ascii: "i"), 1), (UInt8(ascii: "i"), 2), (UInt8(ascii: "i"), 4), (UInt8(ascii: "i"), 8):
            kind = .signed
        case (UInt8(ascii: "u"), 1), (UInt8(ascii: "u"), 2), (UInt8(ascii: "u"), 4), (UInt8(ascii: "u"), 8):
            kind = .unsigned
        case (UInt8(ascii: "b"), 1): kind = .bool
        case (UInt8(ascii: "O"), 8), (UInt8(ascii: "O"), 4): kind = .object
        case (UInt8(ascii: "M"), 8), (UInt8(ascii: "m"), 8): kind = .time
        case (UInt8(ascii: "U"), _):
            kind = .text
            size *= 4
        case (UInt8(ascii: "S"), _): kind = .bytes
        case (UInt8(ascii: "V"), _): kind = .record
        default: return nil
        }
        return NumpyDataType(kind: kind, size: size, isBigEndian: isBigEndian)
    }
}
