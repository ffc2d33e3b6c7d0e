package import Contract
package import FoundationEssentials
package import Scripts

/// An uploaded engine as it is stored.
package struct EngineRecord: Sendable {
    package let id: UUID
    package let engine: CustomEngine
    package let mode: EngineMode
    package let uploadedBy: String
    package let sample: String
    /// The latest test; nil before the first.
    package let test: Test?

    package struct Test: Sendable {
        package let at: Timestamp
        package let passed: Bool
        /// What it was run with.
        package let config: JSONObject
        /// JSON.
        package let report: String
    }

    /// Whether the engine has answered its sample with this configuration.
    package func hasPassed(with config: JSONObject) -> Bool {
        guard let test, test.passed else { return false }
        return JSONValue.object(test.config).text(.canonical) == JSONValue.object(config).text(.canonical)
    }
}

/// A change of what decides one type of decision.
package struct EngineActivation: Sendable {
    package let at: Timestamp
    /// Nil: the built-in engine.
    package let engineID: String?
    package let title: String?
    package let configVersion: Int?
    package let by: String
    package let isRollback: Bool
}
