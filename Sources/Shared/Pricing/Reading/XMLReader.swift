/// A strict pull reader for the XML that EC2's query API answers with.
///
/// No document type, no entities beyond XML's own five, bounded depth: what an answer of AWS never has is refused
/// rather than interpreted.
struct XMLReader {
    enum Event: Equatable {
        case start(String)
        case text(String)
        case end(String)
    }

    /// EC2's deepest answers have about ten levels.
    static let deepest = 64

    let document: String
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var open: [String] = []
    /// Set by `<a/>`: its end is reported next.
    private var selfClosed: String?
    private var rootSeen = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, document: String) {
        self.bytes = bytes
        self.document = document
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { position = 3 }
    }

    /// - Returns: The next event; nil after the root element has ended.
    /// - Throws: ``PricingError``, `malformed`, also when the document ends early.
    mutating func next() throws(PricingError) -> Event? {
        if let name = selfClosed {
            selfClosed = nil
            return .end(name)
        }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                if let text = try characters() { return text }
            } else if starts("<!--") {
                position = try find("-->", after: position + 4)
            } else if starts("<![CDATA[") {
                let start = position + 9
                let end = try find("]]>", after: start)
                position = end
                if open.isEmpty { throw fault("text outside the root element") }
                return .text(try text(start..<end - 3))
            } else if starts("<?") {
                position = try find("?>", after: position + 2)
            } else if starts("<!") {
                throw fault("a document type is not accepted")
            } else if starts("</") {
                return try closing()
            } else {
                return try opening()
            }
        }
        if !open.isEmpty || !rootSeen { throw fault("the document ends too early") }
        return nil
    }

    private mutating func opening() throws(PricingError) -> Event {
        if open.isEmpty, rootSeen { throw fault("a second root element") }
        position += 1
        let name = try self.name()
        while true {
            skipSpace()
            guard position < bytes.count else { throw fault("the document ends inside a tag") }
            if starts("/>") {
                position += 2
                selfClosed = name
                break
            }
            if bytes[position] == UInt8(ascii: ">") {
                position += 1
                if open.count == Self.deepest { throw fault("nested deeper than \(Self.deepest) levels") }
                open.append(name)
                break
            }
            try attribute()
        }
        rootSeen = true
        return .start(name)
    }

    private mutating func closing() throws(PricingError) -> Event {
        position += 2
        let name = try self.name()
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ">") else { throw fault("a damaged closing tag") }
        guard open.last == name else { throw fault("</\(name)> closes what is not open") }
        open.removeLast()
        position += 1
        return .end(name)
    }

    private mutating func characters() throws(PricingError) -> Event? {
        let start = position
        var blank = true
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            if bytes[position] > 0x20 { blank = false }
            position += 1
        }
        if blank { return nil }
        if open.isEmpty { throw fault("text outside the root element") }
        return .text(try text(start..<position, unescape: true))
    }

    private mutating func attribute() throws(PricingError) {
        _ = try name()
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { throw fault("a damaged attribute") }
        position += 1
        skipSpace()
        guard position < bytes.count, case let quote = bytes[position],
            quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        else { throw fault("an attribute without quotes") }
        position += 1
        while position < bytes.count, bytes[position] != quote { position += 1 }
        guard position < bytes.count else { throw fault("the document ends inside an attribute") }
        position += 1
    }

    private mutating func name() throws(PricingError) -> String {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0...0x20, UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "<"),
                UInt8(ascii: "\""):
                guard position > start else { throw fault("a name is missing") }
                return try text(start..<position)
            default:
                position += 1
            }
        }
        throw fault("the document ends inside a tag")
    }

    private func text(_ range: Range<Int>, unescape: Bool = false) throws(PricingError) -> String {
        let part = bytes[range]
        if unescape, part.contains(UInt8(ascii: "&")) { return try unescaped(part) }
        guard let text = String(validating: part, as: UTF8.self) else { throw fault("text that is not UTF-8") }
        return text
    }

    private func unescaped(_ part: Slice<UnsafeBufferPointer<UInt8>>) throws(PricingError) -> String {
        guard let raw = String(validating: part, as: UTF8.self) else { throw fault("text that is not UTF-8") }
        var out = ""
        var rest = raw[...]
        while let ampersand = rest.firstIndex(of: "&") {
            out += rest[..<ampersand]
            guard let semicolon = rest[ampersand...].firstIndex(of: ";") else { throw fault("an entity without ';'") }
            out.unicodeScalars.append(try scalar(rest[rest.index(after: ampersand)..<semicolon]))
            rest = rest[rest.index(after: semicolon)...]
        }
        return out + rest
    }

    private func scalar(_ entity: Substring) throws(PricingError) -> UnicodeScalar {
        switch entity {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let number =
                entity.hasPrefix("#x")
                ? UInt32(entity.dropFirst(2), radix: 16) : entity.hasPrefix("#") ? UInt32(entity.dropFirst()) : nil
            guard let number, number > 0, let scalar = UnicodeScalar(number) else { throw fault("an unknown entity") }
            return scalar
        }
    }

    private func starts(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    private func find(_ text: StaticString, after start: Int) throws(PricingError) -> Int {
        var copy = self
        copy.position = start
        while copy.position < bytes.count {
            if copy.starts(text) { return copy.position + text.utf8CodeUnitCount }
            copy.position += 1
        }
        throw fault("the document ends too early")
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    func fault(_ message: String) -> PricingError {
        let place = open.isEmpty ? "" : " in \(open.joined(separator: "/").prefix(200))"
        return PricingError(.malformed, "\(message) at byte \(min(position, bytes.count))\(place)", in: document)
    }
}
