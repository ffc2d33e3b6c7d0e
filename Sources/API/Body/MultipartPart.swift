import Contract

/// What the headers of one part of a form say.
struct MultipartPart: Equatable {
    let name: String
    /// Nil for an ordinary field.
    let filename: String?
    let contentType: String?

    /// Encodings that change nothing; RFC 7578 forbids all others.
    private static let plainEncodings: Set<String> = ["7bit", "8bit", "binary"]

    /// - Throws: 400 for headers that are none of form-data's.
    init(headers: [UInt8]) throws(APIError) {
        guard let text = String(validating: headers, as: UTF8.self) else {
            throw MultipartParser.malformed("the headers of a part are not UTF-8")
        }
        var fields: [String: String] = [:]
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                line[..<colon].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { throw MultipartParser.malformed("a header of a part is malformed") }
            let name = line[..<colon].lowercased()
            guard fields[name] == nil else { throw MultipartParser.malformed("a part has the header \(name) twice") }
            fields[name] = String(line[line.index(after: colon)...]).trimmed
        }
        if let encoding = fields["content-transfer-encoding"], !Self.plainEncodings.contains(encoding.lowercased()) {
            throw MultipartParser.malformed("a part is encoded as \(encoding.prefix(40)); form-data is not encoded")
        }
        guard let disposition = fields["content-disposition"] else {
            throw MultipartParser.malformed("a part has no Content-Disposition")
        }
        var values = try HeaderParameters(disposition)
        guard values.value.lowercased() == "form-data", let name = values.take("name"), !name.isEmpty else {
            throw MultipartParser.malformed("a part is no form-data with a name")
        }
        guard name.utf8.count <= 255 else { throw MultipartParser.malformed("the name of a part is too long") }
        self.name = name
        filename = values.take("filename")
        contentType = fields["content-type"]
    }
}

/// A header's value with its parameters: `form-data; name="a"; filename="b"`.
struct HeaderParameters {
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) throws(APIError) {
        var rest = text[...]
        value = String(rest.prefix { $0 != ";" }).trimmed
        rest = rest.dropFirst(rest.prefix { $0 != ";" }.count)
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty { break }
            guard let equals = rest.firstIndex(of: "=") else { throw Self.malformed }
            let name = String(rest[..<equals]).trimmed.lowercased()
            rest = rest[rest.index(after: equals)...]
            let parameter = try Self.parameter(&rest)
            guard !name.isEmpty, parameters[name] == nil else { throw Self.malformed }
            parameters[name] = parameter
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard rest.isEmpty || rest.first == ";" else { throw Self.malformed }
        }
    }

    mutating func take(_ name: String) -> String? { parameters[name] }

    private static func parameter(_ rest: inout Substring) throws(APIError) -> String {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest.dropFirst(token.count)
            return String(token).trimmed
        }
        rest = rest.dropFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == "\"" { return text }
            // Browsers write a quote as %22; others escape it with a backslash, which browsers leave as it is.
            if character == "\\", rest.first == "\"" || rest.first == "\\", let escaped = rest.popFirst() {
                text.append(escaped)
            } else {
                text.append(character)
            }
        }
        throw malformed
    }

    private static var malformed: APIError { MultipartParser.malformed("a header's parameters are malformed") }
}

extension String {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
