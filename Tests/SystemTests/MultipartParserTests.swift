import Contract
import Testing

@testable import API

@Suite("Reading multipart/form-data")
struct MultipartParserTests {
    static let boundary = "----x'+7"

    /// A form of a field, a file with boundaries' beginnings in it, and an empty part.
    static let form =
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"engine_name\"\r\n\r\nveto\r\n"
        + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".lua\"\r\n"
        + "Content-Type: application/octet-stream\r\n\r\nx\r\n--y\r\n--\(boundary.dropLast())\r\n\r\n--\r\n"
        + "--\(boundary)\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n--\(boundary)--\r\n"

    /// Parts with their whole content.
    private static func parts(_ text: String, _ boundary: String = boundary, size: Int = .max) throws -> [(
        part: MultipartPart, text: String
    )] {
        var parser = MultipartParser(boundary: boundary)
        var parts: [(part: MultipartPart, text: String)] = []
        var isOpen = false
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(size, max(1, bytes.count))) {
            for event in try parser.feed(bytes[start..<min(bytes.count, start + min(size, bytes.count))]) {
                switch event {
                case .part(let part):
                    #expect(!isOpen)
                    isOpen = true
                    parts.append((part, ""))
                case .bytes(let bytes):
                    #expect(isOpen)
                    parts[parts.count - 1].text += String(decoding: bytes, as: UTF8.self)
                case .endOfPart:
                    #expect(isOpen)
                    isOpen = false
                }
            }
        }
        try parser.finish()
        return parts
    }

    @Test("the same parts come out however the body is cut", arguments: [1, 2, 3, 5, 7, 11, 64, 4096])
    func pieces(_ size: Int) throws {
        let parts = try Self.parts(Self.form, size: size)

        #expect(parts.map(\.part.name) == ["engine_name", "file", "empty"])
        #expect(parts.map(\.part.filename) == [nil, #"a "b".lua"#, nil])
        #expect(parts.map(\.part.contentType) == [nil, "application/octet-stream", nil])
        #expect(parts[0].text == "veto")
        #expect(parts[1].text == "x\r\n--y\r\n--\(Self.boundary.dropLast())\r\n\r\n--")
        #expect(parts[2].text.isEmpty)
    }

    @Test("a little text before and after means nothing, and blanks may follow a boundary")
    func padding() throws {
        let form = "preamble\r\n--b  \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\nepilogue"

        #expect(try Self.parts(form, "b").map(\.text) == ["1"])
    }

    @Test("a form without parts is one")
    func empty() throws {
        #expect(try Self.parts("--b--\r\n", "b").isEmpty)
    }

    @Test("content of every length around the delimiter's comes through whole")
    func lengths() throws {
        for length in 0..<40 {
            let content = String("\r\n--b\r\n-\r-\n".utf8.map { Character(Unicode.Scalar($0)) }.shuffledRepeat(length))
            guard !content.contains("\r\n--bb") else { continue }
            let form = "--bb\r\nContent-Disposition: form-data; name=a\r\n\r\n\(content)\r\n--bb--"
            for size in [1, 4, 1000] { #expect(try Self.parts(form, "bb", size: size).map(\.text) == [content]) }
        }
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let what: String
        let form: String
        var testDescription: String { what }
    }

    private static func part(_ headers: String, _ body: String = "1") -> String {
        "--b\r\n\(headers)\r\n\r\n\(body)\r\n--b--\r\n"
    }

    static let malformed: [Malformed] = [
        .init(what: "nothing", form: ""),
        .init(what: "no boundary", form: "hello"),
        .init(what: "no boundary in much text", form: String(repeating: "x", count: 100_000)),
        .init(what: "another boundary", form: "--c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--c--\r\n"),
        .init(what: "no end", form: "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
        .init(what: "an end inside the headers", form: "--b\r\nContent-Disposition: form-data"),
        .init(what: "an end after a boundary", form: "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b"),
        .init(
            what: "an end that is half there",
            form: "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b-"
        ),
        .init(what: "a boundary that goes on", form: "--bx\r\n"),
        .init(what: "bare line feeds", form: "--b\nContent-Disposition: form-data; name=a\n\n1\n--b--\n"),
        .init(what: "no headers", form: "--b\r\n\r\n1\r\n--b--\r\n"),
        .init(what: "no Content-Disposition", form: part("Content-Type: text/plain")),
        .init(what: "another disposition", form: part("Content-Disposition: attachment; name=a")),
        .init(what: "no name", form: part("Content-Disposition: form-data")),
        .init(what: "an empty name", form: part("Content-Disposition: form-data; name=\"\"")),
        .init(what: "a name that does not end", form: part("Content-Disposition: form-data; name=\"a")),
        .init(
            what: "a name of 300 bytes",
            form: part("Content-Disposition: form-data; name=" + String(repeating: "n", count: 300))
        ),
        .init(what: "a name twice in one header", form: part("Content-Disposition: form-data; name=a; name=b")),
        .init(
            what: "a header twice",
            form: part("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b")
        ),
        .init(what: "a header without a colon", form: part("Content-Disposition: form-data; name=a\r\nnonsense")),
        .init(what: "a folded header", form: part("Content-Disposition: form-data;\r\n name=a")),
        .init(what: "a control character in a header", form: part("Content-Disposition: form-data; name=\"a\u{1}\"")),
        .init(
            what: "base64",
            form: part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", "MQ==")
        ),
        .init(what: "headers without end", form: "--b\r\nX: " + String(repeating: "x", count: 20_000)),
        .init(what: "much text after the end", form: "--b--\r\n" + String(repeating: "x", count: 5_000)),
    ]

    @Test("what is no form is refused as unreadable", arguments: malformed, [1, 1 << 20])
    func refusal(_ malformed: Malformed, _ size: Int) throws {
        let error = try #require(throws: APIError.self) { _ = try Self.parts(malformed.form, "b", size: size) }

        #expect(error.code == .unreadableBody, "\(error)")
        #expect(error.message.utf8.count < 200)
    }
}

extension Array where Element == Character {
    /// As many characters, in an order that differs for every length.
    fileprivate func shuffledRepeat(_ length: Int) -> [Character] {
        (0..<length).map { self[($0 * 7 + length * 3) % count] }
    }
}
