import Contract
import Foundation
import Logging
import Support
import Testing

@testable import Observability

@Suite("Log lines")
struct LogHandlerTests {
    static let hostile: [String] = [
        "plain", "", "a\"b\\c", "line\nbreak", "carriage\r\nreturn", "tab\t", "\u{0}\u{1}\u{1F}\u{7F}", "\u{1B}[31mred",
        "\u{2028}\u{2029}\u{85}",
        "😀 é 漢", #"{"level":"error"}"#, "\",\"level\":\"critical", String(repeating: "x", count: 100_000),
        "\u{FEFF}\u{FFFE}",
    ]

    @Test("a JSON line is one object, whatever it carries", arguments: hostile)
    func json(_ text: String) throws {
        var handler = JSONLogHandler(label: "test", level: .trace)
        handler[metadataKey: "own"] = "\(text)"
        handler[metadataKey: text] = "odd key"
        let event = LogEvent(
            level: .warning,
            message: "\(text)",
            metadata: ["list": ["\(text)", ["deep": "\(text)"]], "both": "event"],
            source: "s",
            file: "f",
            function: "g",
            line: 1
        )

        let line = handler.line(event)

        #expect(line.hasSuffix("}\n"))
        #expect(!line.dropLast().utf8.contains { $0 < 0x20 })
        let object = try JSONParser.parse(Array(line.utf8))
        #expect(object["message"]?.string == text)
        #expect(object["own"]?.string == text)
        #expect(object["level"]?.string == "warning")
        #expect(object["process"]?.string == "test")
        let time = try #require(object["time"]?.string)
        #expect(abs(try #require(Timestamp(time)).secondsSinceEpoch - Date().timeIntervalSince1970) < 60, "\(time)")
    }

    @Test(
        "metadata cannot take the place of the line's own members",
        arguments: ["time", "level", "process", "message"]
    )
    func reservedKeys(_ key: String) throws {
        let handler = JSONLogHandler(label: "test", level: .trace)
        let event = LogEvent(
            level: .info,
            message: "real",
            metadata: [key: "fake"],
            source: "s",
            file: "f",
            function: "g",
            line: 1
        )

        let object = try JSONParser.parse(Array(handler.line(event).utf8))

        #expect(object["message"]?.string == "real")
        #expect(object["level"]?.string == "info")
        #expect(object["process"]?.string == "test")
        #expect(object["time"]?.string != "fake")
    }

    @Test("what is said once more wins over what is always said")
    func merged() throws {
        var handler = JSONLogHandler(label: "test", level: .trace)
        handler[metadataKey: "job"] = "old"
        let event = LogEvent(
            level: .info,
            message: "m",
            metadata: ["job": "new"],
            source: "s",
            file: "f",
            function: "g",
            line: 1
        )

        #expect(try JSONParser.parse(Array(handler.line(event).utf8))["job"]?.string == "new")
    }

    @Test("a line for people stays one line and commands no terminal", arguments: hostile)
    func text(_ text: String) {
        var handler = TextLogHandler(label: "test", level: .trace)
        handler[metadataKey: text] = "\(text)"
        let event = LogEvent(
            level: .error,
            message: "\(text)",
            metadata: nil,
            source: "s",
            file: "f",
            function: "g",
            line: 1
        )

        let line = handler.line(event)

        #expect(line.hasSuffix("\n"))
        #expect(line.contains("error test: "))
        #expect(!line.dropLast().unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }
}
