package import Contract

/// An engine that somebody brought: a script with what it says about itself.
package struct CustomEngine: Sendable, Hashable {
    package var id: String
    package var name: String
    package var version: String
    package var type: DecisionType
    /// The script, UTF-8.
    package var source: String
    /// Of the source, in hexadecimal.
    package var sha256: String
    package var uploadedAt: Timestamp
    /// What the script gets as `config`, and which of its versions that is.
    package var config: JSONObject
    package var configVersion: Int
    package var configSchema: JSONSchema
    package var inputSchema: JSONSchema
    package var outputSchema: JSONSchema

    package init(
        id: String,
        name: String,
        version: String,
        type: DecisionType,
        source: String,
        sha256: String,
        uploadedAt: Timestamp,
        config: JSONObject = [:],
        configVersion: Int = 1,
        configSchema: JSONSchema = .anyObject,
        inputSchema: JSONSchema = .anyObject,
        outputSchema: JSONSchema = .anyObject
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.type = type
        self.source = source
        self.sha256 = sha256
        self.uploadedAt = uploadedAt
        self.config = config
        self.configVersion = configVersion
        self.configSchema = configSchema
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
    }

    /// As answers name it.
    package var title: String { "\(name) \(version)" }

    /// What a decision's provenance says about the engine; `outcome` is `answered` or the reason of its failure.
    package func provenance(outcome: String) -> JSONObject {
        [
            "engine_id": .string(id), "engine_name": .string(name), "engine_version": .string(version),
            "sha256": .string(sha256), "config_version": .integer(Int64(configVersion)), "outcome": .string(outcome),
        ]
    }
}
