import Contract

/// Writes JSON values in the form the sandbox reads without a parser.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: tag(.null)
        case .bool(let value): tag(value ? .yes : .no)
        case .integer(let value):
            tag(.integer)
            number(UInt64(bitPattern: value), 8)
        case .double(let value):
            tag(.double)
            number(value.bitPattern, 8)
        case .string(let value):
            tag(.text)
            text(value)
        case .array(let items):
            tag(.list)
            number(UInt64(items.count), 4)
            for item in items { write(item) }
        case .object(let object):
            tag(.object)
            number(UInt64(object.count), 4)
            for member in object.members {
                text(member.key)
                write(member.value)
            }
        }
    }

    /// A stretch of bytes behind its length.
    mutating func section(_ content: some Collection<UInt8>) {
        number(UInt64(content.count), 4)
        bytes.append(contentsOf: content)
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func tag(_ tag: WireTag) { bytes.append(tag.rawValue) }

    private mutating func text(_ text: String) {
        let utf8 = text.utf8
        number(UInt64(utf8.count), 4)
        bytes.append(contentsOf: utf8)
    }

    private mutating func number(_ value: UInt64, _ count: Int) {
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))) }
    }
}

extension JSONValue {
    /// The value as the sandbox reads it.
    var wireBytes: [UInt8] {
        var writer = WireWriter()
        writer.write(self)
        return writer.bytes
    }
}
