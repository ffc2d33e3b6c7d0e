import Crypto

/// A caller's key as text: `sk_<key id>_<secret>`, 12 and 64 hexadecimal digits.
///
/// The id finds the row; the secret is 256 random bits, so one SHA-256 of it is as good as a slow hash and costs a
/// microsecond per request instead of tens of milliseconds.
package struct APIKey: Sendable {
    package let keyID: String
    private let secret: [UInt8]

    private static let prefix = Array("sk_".utf8)
    private static let idLength = 12
    private static let secretLength = 64

    /// Makes a new random key.
    package static func make() -> APIKey {
        var generator = SystemRandomNumberGenerator()
        func digits(bytes: Int) -> String {
            (0..<bytes).map { _ in hex(UInt8.random(in: .min ... .max, using: &generator)) }.joined()
        }
        return APIKey(keyID: digits(bytes: idLength / 2), secret: Array(digits(bytes: secretLength / 2).utf8))
    }

    /// Reads a key; nil for any other shape.
    package init?(_ text: some StringProtocol) {
        // Bytes, not characters: this runs for every request.
        let bytes = Array(text.utf8)
        let idStart = Self.prefix.count
        let idEnd = idStart + Self.idLength
        guard bytes.count == idEnd + 1 + Self.secretLength, bytes.starts(with: Self.prefix),
            bytes[idStart..<idEnd].allSatisfy(Self.isHexDigit), bytes[idEnd] == UInt8(ascii: "_"),
            bytes[(idEnd + 1)...].allSatisfy(Self.isHexDigit)
        else { return nil }
        self.init(
            keyID: String(decoding: bytes[idStart..<idEnd], as: UTF8.self),
            secret: Array(bytes[(idEnd + 1)...])
        )
    }

    private init(keyID: String, secret: [UInt8]) {
        self.keyID = keyID
        self.secret = secret
    }

    /// The key itself, to be shown once to whoever asked for it.
    package var text: String { "sk_\(keyID)_\(String(decoding: secret, as: UTF8.self))" }

    /// What is stored of the secret.
    package var secretHash: [UInt8] { Array(SHA256.hash(data: secret)) }

    /// Compares in constant time.
    package func matches(_ hash: [UInt8]) -> Bool {
        SHA256.hash(data: secret) == hash
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

extension APIKey: CustomStringConvertible, CustomReflectable {
    /// Without the secret, so that no log shows it.
    package var description: String { "sk_\(keyID)_…" }
    package var customMirror: Mirror { Mirror(self, children: ["keyID": keyID]) }
}
