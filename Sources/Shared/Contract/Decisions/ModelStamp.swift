/// Which model took part in a decision.
package struct ModelStamp: Sendable, Hashable, Codable {
    package let id: String
    package let name: String
    package let version: String
    /// Of the file as it was uploaded, hexadecimal.
    package let sha256: String

    package init(id: String, name: String, version: String, sha256: String) {
        self.id = id
        self.name = name
        self.version = version
        self.sha256 = sha256
    }
}
