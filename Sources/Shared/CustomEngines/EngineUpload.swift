package import Contract
import Crypto
package import Scripts

/// An engine on its way into the store, checked as far as that goes without running it.
package struct EngineUpload: Sendable {
    /// A script of this size is a program; policies have a hundredth of it.
    package static let maximumSourceBytes = 256 << 10
    /// Enough for a request about a small cluster.
    package static let maximumSampleBytes = 1 << 20

    package let name: String
    package let version: String
    package let type: DecisionType
    package let source: String
    package let config: JSONObject
    package let configSchema: JSONSchema
    package let inputSchema: JSONSchema
    package let outputSchema: JSONSchema
    /// The request that the engine must answer before it is used.
    package let sample: String

    /// - Throws: 422 with the field at fault.
    package init(
        name: String,
        version: String,
        type: DecisionType,
        source: [UInt8],
        config: JSONValue?,
        configSchema: JSONValue?,
        inputSchema: JSONValue?,
        outputSchema: JSONValue?,
        sample: JSONValue?
    ) throws(APIError) {
        self.name = try Self.word(name, "engine_name", maximumLength: 100)
        self.version = try Self.word(version, "engine_version", maximumLength: 50)
        self.type = type
        self.source = try Self.script(source)
        self.configSchema = try Self.schema(configSchema, "config_schema")
        self.inputSchema = try Self.schema(inputSchema, "input_schema")
        self.outputSchema = try Self.schema(outputSchema, "output_schema")
        let config = JSONReader(config ?? [:], path: .key(.root, "config"))
        self.config = try config.object()
        try self.configSchema.check(config)
        self.sample = try Self.sample(sample, type)
    }

    var sourceDigest: String {
        SHA256.hash(data: Array(source.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Letters, digits, dots, dashes and underscores: such names stand in paths, logs and answers as they are.
    private static func word(_ text: String, _ field: String, maximumLength: Int) throws(APIError) -> String {
        let isWord = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x5F].contains(byte)
        }
        guard isWord, (1...maximumLength).contains(text.utf8.count) else {
            throw APIError(
                .invalidValue,
                "\(field) must have 1 to \(maximumLength) letters, digits, dots, dashes or underscores",
                field: field
            )
        }
        return text
    }

    private static func script(_ bytes: [UInt8]) throws(APIError) -> String {
        guard bytes.count <= maximumSourceBytes else {
            throw APIError(
                .payloadTooLarge,
                "the script has \(bytes.count) bytes; \(maximumSourceBytes) are allowed",
                field: "file",
                hint: "Put data into the engine's config, or into the request."
            )
        }
        guard bytes.first != 0x1B else {
            throw APIError(
                .invalidValue,
                "the file is compiled Lua; only source is accepted",
                field: "file",
                hint: "Upload the .lua source: compiled code is not checked by Lua and is refused by the sandbox."
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0),
            text.utf8.contains(where: { $0 > 0x20 })
        else {
            throw APIError(.invalidValue, "the file is no UTF-8 text", field: "file", hint: "Upload a Lua 5.4 source.")
        }
        return text
    }

    private static func schema(_ value: JSONValue?, _ field: String) throws(APIError) -> JSONSchema {
        guard let value else { return .anyObject }
        return try JSONSchema(JSONReader(value, path: .key(.root, field)))
    }

    /// The smallest request that every built-in engine takes: some insist on their lists.
    package static let standInSample: JSONValue = [
        "cluster_state": [:], "requirements": ["ec2_instances": [], "volumes": []], "constraints": [:],
    ]

    private static func sample(_ value: JSONValue?, _ type: DecisionType) throws(APIError) -> String {
        let sample = value ?? standInSample
        do throws(APIError) {
            _ = try DecisionRequest(sample, type: type)
        } catch {
            throw APIError(
                error.code,
                error.message,
                field: error.field.map { "sample.\($0)" } ?? "sample",
                hint: error.hint
            )
        }
        let text = sample.text()
        guard text.utf8.count <= maximumSampleBytes else {
            throw APIError(
                .payloadTooLarge,
                "the sample is larger than \(maximumSampleBytes >> 10) KiB",
                field: "sample",
                hint: "A sample shows the shape of a request; a few nodes and pods are enough."
            )
        }
        return text
    }
}
