package import Contract

/// What a custom engine made of one request.
package struct CustomVerdict: Sendable {
    package let engine: CustomEngine
    package let result: Result<Decision, ScriptFailure>
    package let run: ScriptRun

    /// Judges what the engine's script answered.
    package init(_ engine: CustomEngine, _ run: ScriptRun, builtin: Decision) {
        self.engine = engine
        self.run = run
        switch run.result {
        case .failure(let failure): result = .failure(failure)
        case .success(let value):
            result = Result { () throws(ScriptFailure) in
                try ScriptAnswer(engine: engine, builtin: builtin).decision(value)
            }
        }
    }

    /// `answered`, or the reason of the failure.
    package var outcome: String {
        switch result {
        case .success: "answered"
        case .failure(let failure): failure.reason.name
        }
    }

    /// What the caller gets: the engine's decision, or the built-in one's, flagged.
    package func answer(builtin: Decision) -> Decision {
        switch result {
        case .success(var decision):
            decision.customEngine = engine.provenance(outcome: outcome)
            explain(&decision)
            return decision
        case .failure(let failure):
            var decision = builtin
            decision.usesFallback = true
            decision.warnings.append(
                "custom engine \(engine.title) failed (\(failure)); this is the built-in engine's decision"
            )
            decision.customEngine = engine.provenance(outcome: outcome)
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
