/// Writes JSON as bytes, the same bytes for the same value every time.
package struct JSONWriter {
    /// How the output looks.
    package struct Style: Sendable, Equatable {
        /// Orders members by the bytes of their keys: the form that digests are taken of.
        package var sortsKeys: Bool

        package static let asGiven = Style(sortsKeys: false)
        package static let canonical = Style(sortsKeys: true)
    }

    package private(set) var bytes: [UInt8] = []
    private let style: Style

    package init(style: Style = .asGiven, capacity: Int = 1024) {
        self.style = style
        bytes.reserveCapacity(capacity)
    }

    /// Writes one value after what is there already.
    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let items): write(items)
        case .object(let object): write(object)
        }
    }

    private mutating func write(_ items: [JSONValue]) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for item in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(item)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in style.sortsKeys ? object.sorted : object.members {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(member.key)
            bytes.append(UInt8(ascii: ":"))
            write(member.value)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func write(_ value: Int64) {
        if value >= 0, value < 10 {
            bytes.append(0x30 + UInt8(value))
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
    }

    /// The shortest digits that read back as the same double.
    ///
    /// JSON has no NaN or infinity: they become null.
    private mutating func write(_ value: Double) {
        guard value.isFinite else { return append("null") }
        bytes.append(contentsOf: value.description.utf8)
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { raw in
            var start = 0
            for index in raw.indices where raw[index] < 0x20 || raw[index] == 0x22 || raw[index] == 0x5C {
                bytes.append(contentsOf: raw[start..<index])
                escape(raw[index])
                start = index + 1
            }
            bytes.append(contentsOf: raw[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            append("\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension JSONValue {
    /// The value as UTF-8 JSON without white space.
    package func bytes(_ style: JSONWriter.Style = .asGiven) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(self)
        return writer.bytes
    }

    /// The value as JSON text.
    package func text(_ style: JSONWriter.Style = .asGiven) -> String {
        String(decoding: bytes(style), as: UTF8.self)
    }
}
