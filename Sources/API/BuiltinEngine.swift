import Contract
import CustomEngines
import Engines
import Scripts

/// A built-in engine as it stands in the list of engines, beside the uploaded ones.
struct BuiltinEngine {
    private static let prefix = "builtin-"

    let type: DecisionType
    let version: String

    static var all: [BuiltinEngine] {
        DecisionType.allCases.compactMap { BuiltinEngine($0) }
    }

    /// Nil while this build has no engine of the type.
    init?(_ type: DecisionType) {
        guard let engine = DecisionEngines.engine(for: type) else { return nil }
        self.type = type
        version = engine.version
    }

    /// Reads an id such as `builtin-bin_pack`.
    init?(id: String) {
        guard id.hasPrefix(Self.prefix), let type = DecisionType(rawValue: String(id.dropFirst(Self.prefix.count)))
        else { return nil }
        self.init(type)
    }

    var id: String { Self.prefix + type.rawValue }

    /// Each request says all there is to say to a built-in engine.
    static let configSchema: JSONValue = [
        "type": "object", "properties": [:], "additionalProperties": false,
        "description":
            "A built-in engine has no configuration of its own: each request's requirements and constraints are all.",
    ]

    func json(isActive: Bool) -> JSONValue {
        [
            "engine_id": .string(id), "engine_name": .string(type.engineName), "engine_version": .string(version),
            "engine_type": .string(type.rawValue), "built_in": true, "active": .bool(isActive),
            "mode": isActive ? "active" : "inactive", "config": [:], "config_version": 1,
            "config_schema": Self.configSchema,
        ]
    }
}

extension EngineRecord {
    /// Without the source.
    var json: JSONValue {
        [
            "engine_id": .string(engine.id), "engine_name": .string(engine.name),
            "engine_version": .string(engine.version), "engine_type": .string(engine.type.rawValue),
            "built_in": false, "active": .bool(mode == .active), "mode": .string(mode.rawValue),
            "upload_date": .string(engine.uploadedAt.description), "uploaded_by": .string(uploadedBy),
            "sha256": .string(engine.sha256), "config": .object(engine.config),
            "config_version": .integer(Int64(engine.configVersion)), "config_schema": engine.configSchema.json,
            "test": test.map { test in
                [
                    "tested_at": .string(test.at.description), "passed": .bool(test.passed),
                    "config": .object(test.config),
                ]
            } ?? .null,
        ]
    }
}
