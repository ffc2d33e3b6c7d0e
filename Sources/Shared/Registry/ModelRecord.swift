package import Contract
package import FoundationEssentials

/// One version of a model, as the registry knows it.
package struct ModelRecord: Sendable {
    package enum State: String, Sendable, CaseIterable {
        /// It has been uploaded and is being validated.
        case importing
        case ready
    }

    package let id: UUID
    package let name: String
    package let version: String
    package let type: ModelType
    /// `YYYY-MM-DD`.
    package let trainedUntil: String
    package let uploadedAt: Date
    /// Id of the key.
    package let uploadedBy: String
    /// Whom the upload named.
    package let uploader: String?
    package let sha256: [UInt8]
    package let size: Int64
    package let fileName: String
    package let state: State
    package let importJob: UUID
    package let formSHA256: [UInt8]?
    package let description: JSONValue?
    package let metadata: JSONObject
    package let metrics: JSONObject
    package let lastRefresh: Date?
    /// Names that point to it now, in order.
    package let aliases: [String]

    package var isActive: Bool { aliases.contains("active") }
    /// What decisions name.
    package var stamp: ModelStamp {
        ModelStamp(id: idText, name: name, version: version, sha256: sha256.hexadecimal)
    }

    package var idText: String { id.uuidString.lowercased() }
}
