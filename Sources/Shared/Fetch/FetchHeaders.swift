/// Header fields of a response; names are compared without case, order and repeats are kept.
package struct FetchHeaders: Sendable, Sequence {
    private var fields: [(name: String, value: String)] = []

    package init() {}

    /// The first value of a field.
    package subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name == wanted }?.value
    }

    package func makeIterator() -> IndexingIterator<[(name: String, value: String)]> {
        fields.makeIterator()
    }

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
    }

    /// Takes one line as it came off the wire; a line without a colon is not a field and is dropped.
    mutating func append(line: some Sequence<UInt8>) {
        let text = String(decoding: Array(line), as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return }
        let name = text[..<colon].lowercased()
        let value = text[text.index(after: colon)...]
        fields.append((name, String(value.trimmingSpace())))
    }
}

extension Substring {
    func trimmingSpace() -> Substring {
        var rest = self
        while let first = rest.unicodeScalars.first, first.properties.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.unicodeScalars.last, last.properties.isWhitespace { rest = rest.dropLast() }
        return rest
    }
}
