/// A strict JSON reader in one pass over bytes, without a tree: big feeds cost only what is kept of them.
///
/// The caller pulls: ``beginObject()``, then ``nextKey()`` until nil, taking or ``skip()``ping each value.
/// Depth is bounded, so that a document of opening brackets cannot exhaust the stack.
struct JSONReader {
    enum Kind { case object, array, string, number, bool, null }

    /// Deeper than any document of ours (five levels) and far from any stack's end.
    static let deepest = 64

    let document: String
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0
    private var first = false
    private var depth = 0
    /// Where the key of each open object lies, for error messages only.
    private var keys: [Range<Int>] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, document: String) {
        self.bytes = bytes
        self.document = document
        // A byte order mark is not JSON, but editors leave them in local copies.
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    }

    /// Runs a reader over the whole document and requires that nothing follows it.
    static func read<Result>(
        _ bytes: [UInt8],
        document: String,
        _ body: (inout JSONReader) throws(PricingError) -> Result
    ) throws(PricingError) -> Result {
        let outcome = bytes.withUnsafeBufferPointer { buffer -> Swift.Result<Result, PricingError> in
            var reader = JSONReader(buffer, document: document)
            do throws(PricingError) {
                let result = try body(&reader)
                try reader.end()
                return .success(result)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    // MARK: Structure

    mutating func peek() throws(PricingError) -> Kind {
        switch try current() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: throw fault("expected a value")
        }
    }

    mutating func beginObject() throws(PricingError) { try begin(UInt8(ascii: "{"), "an object") }

    /// - Returns: The next key, its value being next to read; nil after the last.
    mutating func nextKey() throws(PricingError) -> String? {
        guard try advance(UInt8(ascii: "}")) else { return nil }
        guard try current() == UInt8(ascii: "\"") else { throw fault("expected a key") }
        let start = position
        let key = try string()
        keys[keys.count - 1] = start + 1..<max(start + 1, position - 1)
        guard try current() == UInt8(ascii: ":") else { throw fault("expected ':'") }
        position += 1
        return key
    }

    mutating func beginArray() throws(PricingError) { try begin(UInt8(ascii: "["), "an array") }

    /// - Returns: Whether another element is next to read.
    mutating func nextElement() throws(PricingError) -> Bool { try advance(UInt8(ascii: "]")) }

    private mutating func end() throws(PricingError) {
        skipSpace()
        if position < bytes.count { throw fault("something follows the document") }
    }

    private mutating func begin(_ bracket: UInt8, _ what: String) throws(PricingError) {
        guard try current() == bracket else { throw fault("expected \(what)") }
        position += 1
        depth += 1
        if depth > Self.deepest { throw fault("nested deeper than \(Self.deepest) levels") }
        keys.append(position..<position)
        first = true
    }

    private mutating func advance(_ closing: UInt8) throws(PricingError) -> Bool {
        let byte = try current()
        if byte == closing {
            position += 1
            depth -= 1
            keys.removeLast()
            first = false
            return false
        }
        if !first {
            guard byte == UInt8(ascii: ",") else {
                throw fault("expected ',' or '\(Character(UnicodeScalar(closing)))'")
            }
            position += 1
        }
        first = false
        return true
    }

    // MARK: Values

    mutating func skip() throws(PricingError) {
        switch try peek() {
        case .object:
            try beginObject()
            while try nextKey() != nil { try skip() }
        case .array:
            try beginArray()
            while try nextElement() { try skip() }
        case .string: _ = try string()
        case .number: _ = try number()
        case .bool: _ = try literal()
        case .null: _ = try literal()
        }
    }

    /// The value if it is a number, else nil with the value skipped.
    mutating func numberIfAny() throws(PricingError) -> Double? {
        if try peek() == .number { return try number() }
        try skip()
        return nil
    }

    /// The value if it is a whole number, else nil with the value skipped.
    mutating func integerIfAny() throws(PricingError) -> Int? {
        guard let number = try numberIfAny() else { return nil }
        return Int(exactly: number)
    }

    /// The value if it is a string, else nil with the value skipped.
    mutating func stringIfAny() throws(PricingError) -> String? {
        if try peek() == .string { return try string() }
        try skip()
        return nil
    }

    /// The value if it is true or false, else nil with the value skipped.
    mutating func boolIfAny() throws(PricingError) -> Bool? {
        if try peek() == .bool { return try literal() }
        try skip()
        return nil
    }

    mutating func string() throws(PricingError) -> String {
        guard try current() == UInt8(ascii: "\"") else { throw fault("expected a string") }
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try text(bytes[start..<position])
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw fault("a control character inside a string") }
            position += 1
        }
        throw fault("the document ends inside a string")
    }

    mutating func number() throws(PricingError) -> Double {
        _ = try current()
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        var whole = 0
        let digits = takeDigits(&whole)
        if digits == 0 { throw fault("expected a number") }
        if digits > 1, bytes[position - digits] == UInt8(ascii: "0") { throw fault("a number with a leading zero") }
        var simple = digits <= 15  // exact in a Double
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            simple = false
            position += 1
            if takeDigits(&whole) == 0 { throw fault("digits missing after '.'") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            simple = false
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            if takeDigits(&whole) == 0 { throw fault("digits missing after 'e'") }
        }
        if simple { return Double(bytes[start] == UInt8(ascii: "-") ? -whole : whole) }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self)) ?? .infinity
    }

    private mutating func takeDigits(_ value: inout Int) -> Int {
        let start = position
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
            value = value &* 10 &+ Int(digit)
            position += 1
        }
        return position - start
    }

    private mutating func literal() throws(PricingError) -> Bool? {
        for (word, value) in [("true", true), ("false", false), ("null", nil as Bool?)]
        where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw fault("expected a value")
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func current() throws(PricingError) -> UInt8 {
        skipSpace()
        guard position < bytes.count else { throw fault("the document ends too early") }
        return bytes[position]
    }

    private func text(_ part: Slice<UnsafeBufferPointer<UInt8>>) throws(PricingError) -> String {
        guard let text = String(validating: part, as: UTF8.self) else { throw fault("a string that is not UTF-8") }
        return text
    }

    /// The slow way, from the first backslash on.
    private mutating func escapedString(from start: Int) throws(PricingError) -> String {
        var out = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard let text = String(validating: out, as: UTF8.self) else {
                    throw fault("a string that is not UTF-8")
                }
                return text
            }
            if byte < 0x20 { throw fault("a control character inside a string") }
            guard byte == UInt8(ascii: "\\") else {
                out.append(byte)
                continue
            }
            guard position < bytes.count else { break }
            let escape = bytes[position]
            position += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(escape)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): out += Array(String(Character(try escapedScalar())).utf8)
            default: throw fault("an unknown escape")
            }
        }
        throw fault("the document ends inside a string")
    }

    private mutating func escapedScalar() throws(PricingError) -> UnicodeScalar {
        let high = try fourHexDigits()
        if let scalar = UnicodeScalar(high) { return scalar }
        // Half of a surrogate pair: the other half has to follow.
        guard (0xD800..<0xDC00).contains(high), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw fault("half a surrogate pair") }
        position += 2
        let low = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = UnicodeScalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw fault("half a surrogate pair") }
        return scalar
    }

    private mutating func fourHexDigits() throws(PricingError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw fault("the document ends inside a string") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = value << 4 | UInt32((byte | 0x20) - UInt8(ascii: "a") + 10)
            default: throw fault("an unknown escape")
            }
        }
        position += 4
        return value
    }

    /// An error that says where: the byte, and the keys that lead there.
    func fault(_ message: String) -> PricingError {
        let path = keys.map { String(decoding: bytes[$0].prefix(64), as: UTF8.self) }.filter { !$0.isEmpty }
        let place = path.isEmpty ? "" : " in \(path.joined(separator: "."))"
        return PricingError(.malformed, "\(message) at byte \(min(position, bytes.count))\(place)", in: document)
    }
}
