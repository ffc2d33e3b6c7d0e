import Contract
import OracleSupport
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    static func random(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3:
            let value = Double(bitPattern: random.next())
            return .double(value.isFinite ? value : 0.5)
        case 4: return .double(Double(Int.random(in: -10_000...10_000, using: &random)) / 100)
        case 5: return .string(text(&random))
        case 6: return .array((0..<Int.random(in: 0...5, using: &random)).map { _ in Self.random(depth - 1, &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                object[text(&random)] = Self.random(depth > 1 ? depth - 2 : 0, &random)
            }
            return .object(object)
        }
    }

    static func text(_ random: inout SeededGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            let pool: [ClosedRange<UInt32>] = [0...0x7F, 0x20...0x7E, 0x80...0x7FF, 0x800...0xD7FF, 0x10000...0x10FFFF]
            let range = pool[Int.random(in: pool.indices, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    @Test("what is written reads back as the same value and the same bytes", arguments: 0..<16)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let value = Self.random(6, &random)
            for style in [JSONWriter.Style.asGiven, .canonical] {
                let bytes = value.bytes(style)
                let back = try JSONParser.parse(bytes)
                #expect(back.bytes(style) == bytes)
            }
            #expect(try JSONParser.parse(value.bytes()) == value)
        }
    }

    @Test("canonical output does not depend on the order of keys")
    func canonical() throws {
        let left = try JSONParser.parse(#"{"b":1,"a":{"y":2,"x":[3]},"é":0,"Z":0}"#)
        let right = try JSONParser.parse(#"{"Z":0,"a":{"x":[3],"y":2},"é":0,"b":1}"#)
        #expect(left.text(.canonical) == #"{"Z":0,"a":{"x":[3],"y":2},"b":1,"é":0}"#)
        #expect(left.bytes(.canonical) == right.bytes(.canonical))
        #expect(left.bytes() != right.bytes())
    }

    @Test("doubles print the shortest digits and never break JSON")
    func doubles() throws {
        let expected: [(Double, String)] = [
            (0.1, "0.1"), (1, "1.0"), (-0.0, "-0.0"), (1e16, "1e+16"), (.leastNonzeroMagnitude, "5e-324"),
            (.nan, "null"),
            (.infinity, "null"), (0.30000000000000004, "0.30000000000000004"),
        ]
        for (value, text) in expected { #expect(JSONValue.double(value).text() == text) }
        #expect(JSONValue.rounded(0.12345, 4).text() == "0.1235")
        #expect(JSONValue.rounded(-0.00001, 2).text() == "0.0")
        #expect(JSONValue.rounded(.nan, 2) == .null)
    }

    @Test("control characters, quotes and backslashes are escaped")
    func escapes() throws {
        #expect(JSONValue.string("a\"\\\n\r\t\u{1}\u{1f}/é").text() == #""a\"\\\n\r\t\u0001\u001f/é""#)
    }
}
