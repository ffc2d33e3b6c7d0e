/// Cuts and escapes what a file says, for a message that is shown on a screen.
enum Excerpt {
    /// The longest that is quoted.
    private static let maxCount = 80

    static func of(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(maxCount) {
            switch byte {
            case 0x20..<0x7F where byte != UInt8(ascii: "\\"): text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return bytes.count > maxCount ? text + "…" : text
    }

    static func of(_ text: String) -> String { of(Array(text.utf8)) }
}
