package import Contract
package import Engines

/// Everything one run of a script gets: its source, the request, the market, the built-in engine's decision.
package struct ScriptQuestion: Sendable {
    /// As the sandbox reads it.
    let bytes: [UInt8]
    /// How many of them are the built-in decision.
    let builtinBytes: Int

    package init(
        source: String,
        input: JSONValue,
        config: JSONObject,
        market: RegionMarket,
        builtin: Decision,
        now: Timestamp
    ) {
        var writer = WireWriter()
        writer.raw("CLS1")
        writer.section(source.utf8)
        writer.section(input.wireBytes)
        writer.section(JSONValue.object(config).wireBytes)
        writer.section(market.forScripts(type: builtin.type, now: now).wireBytes)
        let decision = builtin.forScripts.wireBytes
        builtinBytes = decision.count
        writer.section(decision)
        bytes = writer.bytes
    }
}

extension CustomEngine {
    /// What the engine's script is asked about a request that the built-in engine has decided.
    ///
    /// - Throws: `bad_input` when the request is not what the engine declared.
    package func question(
        _ request: DecisionRequest,
        builtin: Decision,
        market: RegionMarket,
        now: Timestamp
    ) throws(ScriptFailure) -> ScriptQuestion {
        let input = request.forScripts
        do throws(APIError) {
            try inputSchema.check(JSONReader(input))
        } catch {
            throw ScriptFailure(.badInput, "the request is not what the engine declared: \(error.message)")
        }
        return ScriptQuestion(
            source: source,
            input: input,
            config: config,
            market: market,
            builtin: builtin,
            now: now
        )
    }
}

extension DecisionRequest {
    /// The request as scripts see it: one shape, whichever the caller used.
    package var forScripts: JSONValue {
        var input: JSONObject = [
            "decision_type": .string(type.rawValue), "requirements": .object(requirements),
            "constraints": .object(constraints), "metadata": .object(metadata),
        ]
        if let requestID { input["request_id"] = .string(requestID) }
        if let clusterID { input["cluster_id"] = .string(clusterID) }
        if let timestamp { input["timestamp"] = .string(timestamp.description) }
        if !clusterState.isNull { input["cluster_state"] = clusterState }
        return .object(input)
    }
}

extension Decision {
    /// The decision as `builtin()` gives it: a script may return it as it is.
    package var forScripts: JSONValue {
        [
            "recommendations": .array(recommendations),
            "confidence_score": .double(confidence),
            "estimated_savings": .double(estimatedSavings),
            "execution_plan": .array(plan.enumerated().map { $0.element.json(number: $0.offset + 1) }),
            "risk_assessment": .object(riskAssessment),
            "uses_fallback": .bool(usesFallback),
            "data_quality_score": .double(dataQuality),
            "warnings": .array(warnings.map { .string($0) }),
            "rejected": .array(rejected.all.map(\.json)),
            "metadata": .object(metadata),
        ]
    }
}
