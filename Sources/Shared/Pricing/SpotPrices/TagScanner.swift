import Glibc

/// Walks over the tags of an XML answer without making a string of any of them.
///
/// For the one answer that comes by the million rows. As strict as ``XMLReader`` about what it sees: balanced tags, no
/// document type; attributes are skipped.
struct TagScanner {
    enum Tag: Equatable {
        case open(Range<Int>)
        case close(Range<Int>)
        /// `<a/>`.
        case empty(Range<Int>)
    }

    let document: String
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0
    private var names: [Range<Int>] = []
    private var sawRoot = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, document: String) {
        self.bytes = bytes
        self.document = document
    }

    var depth: Int { names.count }

    /// The next tag, with the raw text before it; nil after the root element has ended.
    ///
    /// - Throws: ``PricingError``, `malformed`, also when the document ends early.
    mutating func next() throws(PricingError) -> (text: Range<Int>, tag: Tag)? {
        let start = position
        while let found = index(of: UInt8(ascii: "<"), from: position) {
            let text = start..<found
            guard found + 1 < bytes.count else { throw fault("ends inside a tag") }
            switch bytes[found + 1] {
            case UInt8(ascii: "?"): try skip(past: UInt8(ascii: "?"), from: found + 2)
            case UInt8(ascii: "!"):
                throw fault("holds a comment, a document type or a CDATA section, which EC2 never sends")
            case UInt8(ascii: "/"): return (text, .close(try close(found + 2)))
            default: return (text, try open(found + 1))
            }
        }
        guard names.isEmpty, sawRoot else { throw fault("ends too early") }
        return nil
    }

    func name(_ range: Range<Int>, is text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The text of a range, its entities replaced.
    func text(_ range: Range<Int>) throws(PricingError) -> String {
        let part = UnsafeBufferPointer(rebasing: bytes[range])
        guard part.contains(UInt8(ascii: "&")) else {
            guard let text = String(validating: part, as: UTF8.self) else {
                throw fault("holds text that is not UTF-8")
            }
            return text
        }
        // Rare: the strict reader does it.
        let wrapped = Array("<a>".utf8) + Array(part) + Array("</a>".utf8)
        let result = wrapped.withUnsafeBufferPointer { buffer in
            Result<String, PricingError> { () throws(PricingError) in
                var reader = XMLReader(buffer, document: document)
                _ = try reader.next()
                guard case .text(let text) = try reader.next() else { return "" }
                return text
            }
        }
        return try result.get()
    }

    private mutating func open(_ start: Int) throws(PricingError) -> Tag {
        guard let end = index(of: UInt8(ascii: ">"), from: start), end > start else { throw fault("ends inside a tag") }
        guard !(names.isEmpty && sawRoot) else { throw fault("has a second root element") }
        sawRoot = true
        position = end + 1
        let isEmpty = bytes[end - 1] == UInt8(ascii: "/")
        var stop = start
        let limit = isEmpty ? end - 1 : end
        while stop < limit, bytes[stop] > 0x20 { stop += 1 }
        guard stop > start else { throw fault("has a tag without a name") }
        if isEmpty { return .empty(start..<stop) }
        guard names.count < XMLReader.deepest else { throw fault("is nested deeper than \(XMLReader.deepest) levels") }
        names.append(start..<stop)
        return .open(start..<stop)
    }

    private mutating func close(_ start: Int) throws(PricingError) -> Range<Int> {
        guard let end = index(of: UInt8(ascii: ">"), from: start) else { throw fault("ends inside a tag") }
        guard let open = names.popLast(), open.count == end - start,
            UnsafeBufferPointer(rebasing: bytes[open]).elementsEqual(UnsafeBufferPointer(rebasing: bytes[start..<end]))
        else { throw fault("closes a tag that is not open") }
        position = end + 1
        return start..<end
    }

    private mutating func skip(past byte: UInt8, from start: Int) throws(PricingError) {
        guard let end = index(of: byte, from: start), end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: ">") else {
            throw fault("ends inside a declaration")
        }
        position = end + 2
    }

    private func index(of byte: UInt8, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, Int32(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    func fault(_ message: String) -> PricingError {
        PricingError(.malformed, "the answer \(message), at byte \(min(position, bytes.count))", in: document)
    }
}
