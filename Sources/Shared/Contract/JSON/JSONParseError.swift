/// Why a document is not JSON, and where.
package struct JSONParseError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable, CaseIterable {
        case empty = "the document is empty"
        case tooLarge = "the document is larger than allowed"
        case tooDeep = "the document is nested deeper than allowed"
        case unexpectedEnd = "the document ends too early"
        case unexpectedByte = "unexpected character"
        case trailingContent = "there is more after the end of the document"
        case malformedNumber = "malformed number"
        case numberOutOfRange = "the number is too large for a double"
        case notANumber = "NaN and Infinity are not JSON"
        case malformedEscape = "malformed escape sequence in a string"
        case loneSurrogate = "half of a surrogate pair in a string"
        case controlCharacter = "a control character in a string must be escaped"
        case invalidUTF8 = "the bytes are not valid UTF-8"
        case duplicateKey = "the same key appears twice in one object"
    }

    package let reason: Reason
    /// Bytes before the fault.
    package let offset: Int
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in bytes.
    package let column: Int
    /// Where in the document, such as `requirements.zones[2]`; empty at the top.
    package let path: String

    package var description: String {
        let place = "line \(line), column \(column) (byte \(offset))"
        return path.isEmpty ? "\(reason.rawValue) at \(place)" : "\(reason.rawValue) at \(place), in \(path)"
    }
}
