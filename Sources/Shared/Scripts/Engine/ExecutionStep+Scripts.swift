import Contract

extension ExecutionStep {
    /// First words of actions that only look or tell; a script's any other step is taken to destroy something.
    private static let harmlessWords: Set<String> = [
        "check", "monitor", "notify", "observe", "record", "report", "review", "verify", "wait",
    ]

    /// Seconds of a month: a plan that waits longer is a mistake.
    private static let longestWait: Int64 = 31 * 86_400

    /// Reads a step of a script.
    init(script reader: JSONReader) throws(APIError) {
        var parameters = JSONObject()
        if let given = try reader.optional("parameters") { parameters = try given.object() }
        self.init(
            try reader.required("action").string(maximumLength: 100),
            parameters: parameters,
            delaySeconds: Int(try reader.optional("delay_seconds")?.integer(in: 0...Self.longestWait) ?? 0),
            timeoutSeconds: Int(try reader.optional("timeout_seconds")?.integer(in: 1...Self.longestWait) ?? 300),
            requiresConfirmation: try reader.optional("requires_confirmation")?.bool() ?? false,
            rollbackOnFailure: try reader.optional("rollback_on_failure")?.bool() ?? true,
            description: try reader.optional("description")?.prose() ?? ""
        )
    }

    /// Whether the step's own word says that it changes nothing.
    var isHarmless: Bool {
        action.split(separator: "_").first.map { Self.harmlessWords.contains($0.lowercased()) } ?? false
    }

    /// What is done, and to what: a step of the built-in engine stays the same step when a script passes it on.
    var identity: String {
        JSONValue.array([.string(action), .object(parameters)]).comparable
    }
}
