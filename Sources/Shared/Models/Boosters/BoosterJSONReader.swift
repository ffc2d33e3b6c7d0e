/// Reads the JSON text that XGBoost writes: strict, but for NaN and Infinity, which it writes as well.
///
/// No recursion. Arrays of numbers become arrays of 64-bit numbers at once.
struct BoosterJSONReader {
    private let bytes: UnsafeRawBufferPointer
    private let limits: BoosterLimits
    private var assembly: BoosterAssembly
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer, _ limits: BoosterLimits) {
        self.bytes = bytes
        self.limits = limits
        assembly = BoosterAssembly(limits)
    }

    mutating func read() throws(ModelRejection) -> BoosterElement {
        skipSpace()
        try readValue()
        while assembly.depth > 0 { try readNext() }
        skipSpace()
        guard position == bytes.count else {
            throw fault("something follows the end of the document")
        }
        guard let root = assembly.root else { throw fault("the document has no value") }
        return root
    }

    /// The next member or element of the innermost container, with what stands before it, or its end.
    private mutating func readNext() throws(ModelRejection) {
        let isObject = assembly.isInObject
        skipSpace()
        if peek() == UInt8(ascii: isObject ? "}" : "]") {
            position += 1
            return try assembly.end()
        }
        if !assembly.isEmptyContainer {
            try expect(",")
            skipSpace()
        }
        if isObject {
            let start = position
            try expect("\"")
            let name = try readText()
            try assembly.name(name, at: start)
            skipSpace()
            try expect(":")
            skipSpace()
        }
        try readValue()
    }

    private mutating func readValue() throws(ModelRejection) {
        let start = position
        switch peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            position += 1
            try assembly.begin(object: bytes[start] == UInt8(ascii: "{"), at: start)
        case UInt8(ascii: "\""):
            position += 1
            try assembly.add(.text(try readText()), at: start)
        case UInt8(ascii: "t"): try word("true", .bool(true))
        case UInt8(ascii: "f"): try word("false", .bool(false))
        case UInt8(ascii: "n"): try word("null", .null)
        default:
            guard let (value, end) = DecimalNumber.read(bytes, from: position, forFloats: true) else {
                throw fault("a value is expected here")
            }
            position = end
            try assembly.number(value, at: start)
        }
    }

    private mutating func word(_ word: String, _ kind: BoosterElement.Kind) throws(ModelRejection) {
        let start = position
        for byte in word.utf8 {
            guard peek() == byte else { throw fault("a value is expected here") }
            position += 1
        }
        try assembly.add(kind, at: start)
    }

    /// From behind the opening quotation mark to behind the closing one.
    private mutating func readText() throws(ModelRejection) -> String {
        let start = position
        var plain: [UInt8] = []
        while true {
            guard let byte = peek() else { throw fault("a text has no end") }
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw fault("a control character in a text") }
            if byte == UInt8(ascii: "\\") {
                try readEscape(into: &plain)
            } else {
                plain.append(byte)
            }
            guard plain.count <= limits.text else {
                throw ModelRejection(.limit, "a text of more than \(limits.text) bytes", at: start)
            }
        }
        guard let text = String(validating: plain, as: UTF8.self) else {
            throw ModelRejection(.malformed, "a text is not UTF-8", at: start)
        }
        return text
    }

    private mutating func readEscape(into plain: inout [UInt8]) throws(ModelRejection) {
        guard let byte = peek() else { throw fault("a text has no end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(byte)
        case UInt8(ascii: "b"): plain.append(0x08)
        case UInt8(ascii: "f"): plain.append(0x0C)
        case UInt8(ascii: "n"): plain.append(0x0A)
        case UInt8(ascii: "r"): plain.append(0x0D)
        case UInt8(ascii: "t"): plain.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHex()
            if (0xD800..<0xDC00).contains(code) {
                try expect("\\")
                try expect("u")
                let low = try readHex()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw fault("no character") }
            plain.append(contentsOf: String(scalar).utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func readHex() throws(ModelRejection) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits are expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func expect(_ character: UnicodeScalar) throws(ModelRejection) {
        guard peek() == UInt8(ascii: character) else { throw fault("'\(character)' is expected here") }
        position += 1
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func fault(_ message: String) -> ModelRejection { ModelRejection(.malformed, message, at: position) }
}
