import Contract

/// Turns what a script returned into a decision, or says what is wrong with it.
struct ScriptAnswer {
    private static let members: Set<String> = [
        "recommendations", "confidence_score", "estimated_savings", "execution_plan", "metadata", "risk_assessment",
        "warnings", "rejected", "data_quality_score", "uses_fallback",
    ]
    /// The largest inputs have 100,000 items; more than two answers to each is no answer.
    private static let maximumItems = 200_000
    private static let maximumWarnings = 100
    /// More money a month than any cluster costs.
    private static let largestSavings = 1e12

    let engine: CustomEngine
    let builtin: Decision

    /// - Throws: `bad_output` with the place.
    func decision(_ value: JSONValue) throws(ScriptFailure) -> Decision {
        do throws(APIError) {
            let reader = JSONReader(value)
            if let stranger = try reader.object().members.first(where: { !Self.members.contains($0.key) }) {
                throw APIError(.invalidValue, "\(stranger.key) is no member of a decision", field: stranger.key)
            }
            try engine.outputSchema.check(reader, fromScript: true)
            return try decision(reader)
        } catch {
            throw ScriptFailure(.badOutput, error.message)
        }
    }

    private func decision(_ reader: JSONReader) throws(APIError) -> Decision {
        var decision = builtin
        let own = try recommendations(reader)
        decision.recommendations = own.all
        decision.confidence = try reader.required("confidence_score").number(in: 0...1)
        decision.estimatedSavings = try reader.required("estimated_savings")
            .number(in: -Self.largestSavings...Self.largestSavings, unit: "USD a month")
        decision.plan = try plan(reader)
        decision.metadata = try reader.optional("metadata")?.object() ?? JSONObject()
        decision.riskAssessment = try reader.optional("risk_assessment")?.object() ?? builtin.riskAssessment
        // What the built-in engine found doubtful stays doubtful, whatever the script thinks of it.
        decision.usesFallback = try reader.optional("uses_fallback")?.bool() ?? false || builtin.usesFallback
        decision.dataQuality = min(
            builtin.dataQuality,
            try reader.optional("data_quality_score")?.number(in: 0...1) ?? builtin.dataQuality
        )
        decision.warnings = try warnings(reader)
        decision.rejected = try rejections(reader)
        decision.metadata["usd_figures"] = [
            "estimated_savings": .string(origin(decision.estimatedSavings == builtin.estimatedSavings)),
            "recommendations": .string(origin(!own.hasForeign)),
        ]
        decision.sources.append(
            DataSource(kind: "custom_engine", name: engine.title, fetchedAt: engine.uploadedAt, version: engine.sha256)
        )
        decision.engineVersion = engine.title
        return decision
    }

    private func origin(_ isBuiltin: Bool) -> String { isBuiltin ? "built_in" : "custom_engine" }

    /// Every item that is not word for word the built-in engine's is marked as the script's own figures.
    private func recommendations(_ reader: JSONReader) throws(APIError) -> (all: [JSONValue], hasForeign: Bool) {
        let known = Set(builtin.recommendations.map(\.comparable))
        var all: [JSONValue] = []
        var hasForeign = false
        for item in try items(try reader.required("recommendations")) {
            var object = try item.object()
            if engine.type == .spotOptimize { _ = try item.required("instance_type").string() }
            if !known.contains(item.value.comparable) {
                hasForeign = true
                object["figures_from"] = .string("custom engine \(engine.title)")
            }
            all.append(.object(object))
        }
        return (all, hasForeign)
    }

    private func plan(_ reader: JSONReader) throws(APIError) -> [ExecutionStep] {
        guard let list = try reader.optional("execution_plan") else { return [] }
        let trusted = Set(builtin.plan.filter { !$0.requiresConfirmation }.map(\.identity))
        var steps: [ExecutionStep] = []
        for item in try items(list) {
            var step = try ExecutionStep(script: item)
            if !step.isHarmless, !trusted.contains(step.identity) { step.requiresConfirmation = true }
            steps.append(step)
        }
        return steps
    }

    private func warnings(_ reader: JSONReader) throws(APIError) -> [String] {
        var warnings = builtin.warnings
        guard let list = try reader.optional("warnings") else { return warnings }
        for item in try items(list).prefix(Self.maximumWarnings + builtin.warnings.count) {
            let text = try item.prose()
            if !warnings.contains(text) { warnings.append(text) }
        }
        return warnings
    }

    private func rejections(_ reader: JSONReader) throws(APIError) -> Rejections {
        guard let list = try reader.optional("rejected") else { return builtin.rejected }
        var rejections = Rejections()
        for item in try items(list) {
            rejections.add(
                Rejection(
                    try item.required("candidate").string(maximumLength: 1000),
                    try item.required("reason").string(),
                    detail: try item.optional("detail")?.prose()
                )
            )
        }
        return rejections
    }

    /// The items of a list; an empty table of Lua is an empty list here.
    private func items(_ reader: JSONReader) throws(APIError) -> [JSONReader] {
        if reader.value.object?.isEmpty == true { return [] }
        let items = try reader.elements()
        guard items.count <= Self.maximumItems else {
            throw reader.invalid("holds \(items.count) items; \(Self.maximumItems) are allowed")
        }
        return items
    }
}
