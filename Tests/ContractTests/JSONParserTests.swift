import Contract
import OracleSupport
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let reason: JSONParseError.Reason
        let offset: Int

        init(_ text: String, _ reason: JSONParseError.Reason, at offset: Int) {
            self.init(Array(text.utf8), reason, at: offset)
        }

        init(_ bytes: [UInt8], _ reason: JSONParseError.Reason, at offset: Int) {
            self.bytes = bytes
            self.reason = reason
            self.offset = offset
        }

        var testDescription: String { "\(String(decoding: bytes.prefix(40), as: UTF8.self)) → \(reason)" }
    }

    static let hostile: [Hostile] = [
        .init("", .empty, at: 0),
        .init("  \n\t ", .empty, at: 5),
        .init("{", .unexpectedEnd, at: 1),
        .init("[1,", .unexpectedEnd, at: 3),
        .init("[1,]", .unexpectedByte, at: 3),
        .init("[,1]", .unexpectedByte, at: 1),
        .init("[1 2]", .unexpectedByte, at: 3),
        .init("{\"a\":1,}", .unexpectedByte, at: 7),
        .init("{\"a\" 1}", .unexpectedByte, at: 5),
        .init("{\"a\":}", .unexpectedByte, at: 5),
        .init("{a:1}", .unexpectedByte, at: 1),
        .init("{1:1}", .unexpectedByte, at: 1),
        .init("{'a':1}", .unexpectedByte, at: 1),
        .init("{\"a\":1 \"b\":2}", .unexpectedByte, at: 7),
        .init("[1]]", .trailingContent, at: 3),
        .init("{} {}", .trailingContent, at: 3),
        .init("1 2", .trailingContent, at: 2),
        .init("nul", .unexpectedEnd, at: 3),
        .init("nulL", .unexpectedByte, at: 3),
        .init("tru", .unexpectedEnd, at: 3),
        .init("True", .unexpectedByte, at: 0),
        .init("NaN", .notANumber, at: 0),
        .init("[Infinity]", .notANumber, at: 1),
        .init("-Infinity", .notANumber, at: 0),
        .init("01", .malformedNumber, at: 0),
        .init("-01", .malformedNumber, at: 0),
        .init("-", .unexpectedEnd, at: 1),
        .init("+1", .unexpectedByte, at: 0),
        .init(".5", .unexpectedByte, at: 0),
        .init("[1.]", .malformedNumber, at: 1),
        .init("[1.e3]", .malformedNumber, at: 1),
        .init("1e", .malformedNumber, at: 0),
        .init("1e+", .malformedNumber, at: 0),
        .init("0x10", .trailingContent, at: 1),
        .init("1e999", .numberOutOfRange, at: 0),
        .init("-1e400", .numberOutOfRange, at: 0),
        .init("[1" + String(repeating: "0", count: 400) + "]", .numberOutOfRange, at: 1),
        .init("\"abc", .unexpectedEnd, at: 4),
        .init("\"a\nb\"", .controlCharacter, at: 2),
        .init("\"a\u{0}b\"", .controlCharacter, at: 2),
        .init("\"abcdefghijkl\tb\"", .controlCharacter, at: 13),
        .init("\"\\x41\"", .malformedEscape, at: 1),
        .init("\"\\u12G4\"", .malformedEscape, at: 1),
        .init("\"\\u12\"", .unexpectedEnd, at: 6),
        .init("\"\\", .unexpectedEnd, at: 2),
        .init("\"\\ud800\"", .loneSurrogate, at: 1),
        .init("\"\\udc00\"", .loneSurrogate, at: 1),
        .init("\"\\ud800\\u0041\"", .loneSurrogate, at: 1),
        .init("\"\\ud800x12345\"", .loneSurrogate, at: 1),
        .init([0x22, 0xFF, 0x22], .invalidUTF8, at: 1),
        .init([0x22, 0xC0, 0xAF, 0x22], .invalidUTF8, at: 1),  // overlong slash
        .init([0x22, 0xE0, 0x80, 0x80, 0x22], .invalidUTF8, at: 1),  // overlong
        .init([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8, at: 1),  // a surrogate
        .init([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalidUTF8, at: 1),  // above U+10FFFF
        .init([0x22, 0x41, 0xE2, 0x82, 0x22], .invalidUTF8, at: 2),  // cut short
        .init([0x22, 0x5C, 0x6E, 0x80, 0x22], .invalidUTF8, at: 3),  // a stray continuation after an escape
        .init([0xEF, 0xBB, 0xBF, 0x31], .unexpectedByte, at: 0),  // byte order mark
        .init([0xFF, 0xFE, 0x31, 0x00], .unexpectedByte, at: 0),  // UTF-16
        .init("{\"a\":1,\"a\":2}", .duplicateKey, at: 7),
        .init("{\"a\":1,\"\\u0061\":2}", .duplicateKey, at: 7),
        .init(String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep, at: 64),
        .init(String(repeating: "{\"a\":", count: 100), .tooDeep, at: 64 * 5),
        .init(String(repeating: "[", count: 1_000_000), .tooDeep, at: 64),
    ]

    @Test("what is no JSON is refused with its reason and place", arguments: hostile)
    func refusals(_ hostile: Hostile) throws {
        let error = #expect(throws: JSONParseError.self) { try JSONParser.parse(hostile.bytes) }
        #expect(error?.reason == hostile.reason)
        #expect(error?.offset == hostile.offset)
    }

    @Test("cutting a document anywhere gives an error, never a crash or a value")
    func truncation() throws {
        let text = #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00é",{"b":null,"c":[true,false]}],"d":{"e":"\\\""}}"#
        let bytes = Array(text.utf8)
        #expect(throws: Never.self) { try JSONParser.parse(bytes) }
        for length in 0..<bytes.count {
            #expect(throws: JSONParseError.self) { try JSONParser.parse(Array(bytes[0..<length])) }
        }
    }

    @Test("random damage to a document never crashes the parser", arguments: 0..<8)
    func damage(seed: UInt64) throws {
        let text = #"{"items":[{"name":"a-b","n":[1,2.5,-3e-7]},{"name":"éß","u":"\u20ac\ud83d\ude00"}],"ok":true}"#
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if let value = try? JSONParser.parse(bytes) {
                accepted += 1
                #expect(try JSONParser.parse(value.bytes()) == value)
            }
        }
        #expect(accepted < 2000)
    }

    @Test("an error names line, column and path")
    func place() throws {
        let text = "{\n  \"requirements\": {\n    \"zones\": [\"a\", \"b\", x]\n  }\n}"
        let error = #expect(throws: JSONParseError.self) { try JSONParser.parse(text) }
        #expect(error?.line == 3)
        #expect(error?.column == 25)
        #expect(error?.path == "requirements.zones[2]")
        #expect(error.map { APIError($0).status } == 400)
    }

    @Test("a document over the size limit is refused before it is read")
    func size() throws {
        let bytes = Array("[1,2,3]".utf8)
        #expect(throws: Never.self) { try JSONParser.parse(bytes, limits: .init(maximumBytes: 7)) }
        let error = #expect(throws: JSONParseError.self) {
            try JSONParser.parse(bytes, limits: .init(maximumBytes: 6))
        }
        #expect(error?.reason == .tooLarge)
        #expect(error.map { APIError($0).status } == 413)
    }

    @Test("duplicate keys are found in large objects too, also when escaped")
    func manyKeys() throws {
        let keys = (0..<5000).map { "\"key\($0)\":\($0)" }
        let good = "{" + keys.joined(separator: ",") + "}"
        #expect(try JSONParser.parse(good).object?.count == 5000)
        for twin in ["\"key3\":0", "\"key4999\":0", "\"\\u006bey42\":0"] {
            let error = #expect(throws: JSONParseError.self) {
                try JSONParser.parse("{" + keys.joined(separator: ",") + "," + twin + "}")
            }
            #expect(error?.reason == .duplicateKey)
        }
    }

    @Test("keys that only look alike are different keys", arguments: [1, 40])
    func normalisation(others: Int) throws {
        let filler = (0..<others).map { "\"k\($0)\":0," }.joined()
        // é as one scalar and as e with a combining accent
        let value = try JSONParser.parse("{" + filler + "\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value.object?.count == others + 2)
    }

    @Test("nested objects do not share their keys with their parents")
    func nesting() throws {
        let value = try JSONParser.parse(#"{"a":{"a":{"a":1},"b":2},"b":[{"a":1},{"a":2}]}"#)
        #expect(value["a"]?["a"]?["a"] == .integer(1))
        #expect(value["b"]?[1]?["a"] == .integer(2))
    }

    @Test("numbers keep what they are")
    func numbers() throws {
        let expected: [(String, JSONValue)] = [
            ("0", .integer(0)), ("-0", .integer(0)), ("-7", .integer(-7)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", .double(1)), ("1e2", .double(100)),
            ("-0.0", .double(-0.0)), ("0.1", .double(0.1)), ("5e-324", .double(.leastNonzeroMagnitude)),
            ("1e-400", .double(0)),
            ("1.7976931348623157e308", .double(1.7976931348623157e308)),
            ("123456789012345678", .integer(123_456_789_012_345_678)),
            ("0.30000000000000004", .double(0.30000000000000004)),
            ("2.2250738585072011e-308", .double(Double("2.2250738585072011e-308") ?? .nan)),
        ]
        for (text, value) in expected {
            #expect(try JSONParser.parse(text) == value, "\(text)")
        }
    }

    @Test("strings decode every escape")
    func strings() throws {
        let text = #""\"\\\/\b\f\n\r\tA\u00e9\u20AC\ud83d\uDE00""#
        #expect(try JSONParser.parse(text) == .string("\"\\/\u{8}\u{c}\n\r\tAé€😀"))
        for length in 0..<40 {
            let plain = String(repeating: "x", count: length)
            #expect(try JSONParser.parse("\"\(plain)\"") == .string(plain))
            #expect(try JSONParser.parse("\"\(plain)é\\n\"") == .string(plain + "é\n"))
        }
    }

    // Skipped without the shared data folder: the recorded dumps are not part of the repository.
    @Test("recorded cluster dumps survive a round trip", .enabled(if: SharedData.isPresent))
    func recorded() throws {
        for path in ["clusters/minikube-2023/pods.json", "clusters/eks-2node-2026/events.json"] {
            let value = try JSONParser.parse(try SharedData.bytes(path))
            #expect(value["items"]?.array?.isEmpty == false)
            #expect(try JSONParser.parse(value.bytes()) == value)
        }
    }
}
