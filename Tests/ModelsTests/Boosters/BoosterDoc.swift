/// A document to be written as JSON text or as UBJSON.
indirect enum BoosterDoc {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([BoosterDoc])
    /// Written as a typed array of that mark in UBJSON.
    case typed(Character, [Double])
    case object([(String, BoosterDoc)])

    var json: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): Self.json(value)
        case .text(let text): "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        case .array(let items): "[" + items.map(\.json).joined(separator: ",") + "]"
        case .typed(_, let items): "[" + items.map(Self.json).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\"\($0.0)\": \($0.1.json)" }.joined(separator: ",") + "}"
        }
    }

    private static func json(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    var jsonBytes: [UInt8] { Array(json.utf8) }

    var ubjson: [UInt8] {
        switch self {
        case .null: return Array("Z".utf8)
        case .bool(let value): return Array((value ? "T" : "F").utf8)
        case .number(let value): return Array("D".utf8) + Self.payload("D", value)
        case .text(let text): return Array("S".utf8) + Self.length(text.utf8.count) + Array(text.utf8)
        case .array(let items):
            return Array("[#".utf8) + Self.length(items.count) + items.flatMap(\.ubjson)
        case .typed(let mark, let items):
            return Array("[$\(mark)#".utf8) + Self.length(items.count) + items.flatMap { Self.payload(mark, $0) }
        case .object(let members):
            return Array("{".utf8)
                + members.flatMap { Self.length($0.0.utf8.count) + Array($0.0.utf8) + $0.1.ubjson } + Array("}".utf8)
        }
    }

    static func length(_ count: Int) -> [UInt8] { Array("L".utf8) + big(Int64(count)) }

    static func payload(_ mark: Character, _ value: Double) -> [UInt8] {
        switch mark {
        case "i": big(Int8(value))
        case "U": big(UInt8(value))
        case "I": big(Int16(value))
        case "l": big(Int32(value))
        case "L": big(Int64(value))
        case "d": big(Float(value).bitPattern)
        default: big(value.bitPattern)
        }
    }

    private static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    /// The same with the value at a path of names and places replaced.
    func replacing(_ path: ArraySlice<String>, with value: BoosterDoc?) -> BoosterDoc {
        guard let first = path.first else { return value ?? self }
        switch self {
        case .object(var members):
            if path.count == 1 {
                let place = members.firstIndex { $0.0 == first }
                if let place { members.remove(at: place) }
                if let value { members.insert((first, value), at: place ?? members.count) }
            } else {
                members = members.map { $0.0 == first ? ($0.0, $0.1.replacing(path.dropFirst(), with: value)) : $0 }
            }
            return .object(members)
        case .array(var items):
            if let place = Int(first), items.indices.contains(place) {
                items[place] = items[place].replacing(path.dropFirst(), with: value)
            }
            return .array(items)
        default: return self
        }
    }

    func replacing(_ path: String, with value: BoosterDoc?) -> BoosterDoc {
        replacing(path.split(separator: "/").map(String.init)[...], with: value)
    }
}
