import Contract

/// Reads what the sandbox wrote, and trusts none of it: the process that wrote it ran somebody's script.
struct WireReader {
    /// What is wrong with the bytes.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// The sandbox stops at 80.
    private static let maximumDepth = 100

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// One value that fills the bytes.
    static func value(_ bytes: ArraySlice<UInt8>) throws(Fault) -> JSONValue {
        var reader = WireReader(bytes)
        let value = try reader.value(depth: 0)
        guard reader.isAtEnd else { throw Fault(description: "the answer goes on after its end") }
        return value
    }

    mutating func bytes(_ count: Int) throws(Fault) -> ArraySlice<UInt8> {
        guard count >= 0, rest.count >= count else { throw Fault(description: "the answer breaks off") }
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return taken
    }

    mutating func number(_ count: Int) throws(Fault) -> UInt64 {
        try bytes(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func text() throws(Fault) -> String {
        let bytes = try bytes(Int(try number(4)))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(description: "a text of the answer is not UTF-8")
        }
        return text
    }

    private mutating func value(depth: Int) throws(Fault) -> JSONValue {
        guard depth <= Self.maximumDepth else { throw Fault(description: "the answer is nested too deep") }
        guard let tag = WireTag(rawValue: UInt8(try number(1))) else {
            throw Fault(description: "the answer holds an unknown value")
        }
        switch tag {
        case .null: return .null
        case .no: return .bool(false)
        case .yes: return .bool(true)
        case .integer: return .integer(Int64(bitPattern: try number(8)))
        case .double: return .double(Double(bitPattern: try number(8)))
        case .text: return .string(try text())
        case .empty: return .object([:])
        case .list:
            var items: [JSONValue] = []
            for _ in 0..<Int(try number(4)) { items.append(try value(depth: depth + 1)) }
            return .array(items)
        case .object:
            var members: [JSONObject.Member] = []
            for _ in 0..<Int(try number(4)) {
                let key = try text()
                // In order, and so distinct.
                if let last = members.last, !last.key.utf8.lexicographicallyPrecedes(key.utf8) {
                    throw Fault(description: "the members of the answer are not in order")
                }
                members.append(.init(key: key, value: try value(depth: depth + 1)))
            }
            return .object(JSONObject(distinct: members))
        }
    }
}
