import Crypto

/// A caller's key as text: `sk_<key id>_<secret>`, 12 and 64 hexadecimal digits.
///
/// The id finds the row; the secret is 256 random bits, so one SHA-256 of it is as good as a slow hash and costs a
/// microsecond per request instead of tens of milliseconds.
package struct APIKey: Sendable {
    package let keyID: String
    private let secret: String

    /// Makes a new random key.
    package static func make() -> APIKey {
        var generator = SystemRandomNumberGenerator()
        func digits(bytes: Int) -> String {
            (0..<bytes).map { _ in hex(UInt8.random(in: .min ... .max, using: &generator)) }.joined()
        }
        return APIKey(keyID: digits(bytes: 6), secret: digits(bytes: 32))
    }

    /// Reads a key; nil for any other shape.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "sk", parts[1].utf8.count == 12, parts[2].utf8.count == 64,
            parts[1].utf8.allSatisfy(Self.isHexDigit), parts[2].utf8.allSatisfy(Self.isHexDigit)
        else { return nil }
        self.keyID = String(parts[1])
        self.secret = String(parts[2])
    }

    private init(keyID: String, secret: String) {
        self.keyID = keyID
        self.secret = secret
    }

    /// The key itself, to be shown once to whoever asked for it.
    package var text: String { "sk_\(keyID)_\(secret)" }

    /// What is stored of the secret.
    package var secretHash: [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// Compares in constant time.
    package func matches(_ hash: [UInt8]) -> Bool {
        SHA256.hash(data: Array(secret.utf8)) == hash
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
