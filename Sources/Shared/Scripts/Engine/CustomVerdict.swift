package import Contract
package import Engines

/// What a custom engine made of one request.
package struct CustomVerdict: Sendable {
    package let engine: CustomEngine
    package let result: Result<Decision, ScriptFailure>
    package let run: ScriptRun

    /// Runs the engine on a request that the built-in engine has decided.
    ///
    /// - Throws: `CancellationError` only.
    package init(
        _ engine: CustomEngine,
        request: DecisionRequest,
        builtin: Decision,
        market: RegionMarket,
        now: Timestamp,
        sandbox: ScriptSandbox
    ) async throws {
        self.engine = engine
        let input = request.forScripts
        do throws(APIError) {
            try engine.inputSchema.check(JSONReader(input))
        } catch {
            let failure = ScriptFailure(.badInput, "the request is not what the engine declared: \(error.message)")
            run = ScriptRun(failure: failure)
            result = .failure(failure)
            return
        }
        run = try await sandbox.run(
            ScriptQuestion(
                source: engine.source,
                input: input,
                config: engine.config,
                market: market,
                builtin: builtin,
                now: now
            )
        )
        switch run.result {
        case .failure(let failure): result = .failure(failure)
        case .success(let value):
            result = Result { () throws(ScriptFailure) in
                try ScriptAnswer(engine: engine, builtin: builtin).decision(value)
            }
        }
    }

    /// What the caller gets: the engine's decision, or the built-in one's, flagged.
    package func answer(builtin: Decision) -> Decision {
        switch result {
        case .success(var decision):
            decision.customEngine = engine.provenance(outcome: "answered")
            explain(&decision)
            return decision
        case .failure(let failure):
            var decision = builtin
            decision.usesFallback = true
            decision.warnings.append(
                "custom engine \(engine.title) failed (\(failure)); this is the built-in engine's decision"
            )
            decision.customEngine = engine.provenance(outcome: failure.reason.name)
            explain(&decision)
            return decision
        }
    }

    /// Adds the script's log to the evidence, for callers who asked for that.
    private func explain(_ decision: inout Decision) {
        guard decision.evidence != nil else { return }
        decision.evidence?["custom_engine"] = [
            "log": .array(run.log.map { .string($0) }), "dropped_log_lines": .integer(Int64(run.droppedLogLines)),
            "instructions": .integer(Int64(run.instructions)),
        ]
    }
}
