import Contract
import CustomEngines
import Engines
import FoundationEssentials
import Jobs
import Scripts
import ThreadExecution

/// Lets uploaded engines have their say in a decision that the built-in engine has made.
struct CustomDecisions: Sendable {
    let running: RunningEngines
    let store: EngineStore
    let sandbox: ScriptSandbox
    let compute: ComputePool
    let shadows: ShadowRuns

    /// What the active engine makes of it, or the built-in decision, flagged when the active one failed; the shadow is
    /// started beside.
    ///
    /// - Throws: `CancellationError` only.
    func decision(
        _ builtin: Decision,
        _ choice: EngineChoice,
        _ question: Question,
        _ market: RegionMarket,
        _ job: ClaimedJob
    ) async throws -> Decision {
        var given = builtin
        if let active = choice.active {
            let verdict = try await verdict(active.engine, builtin, question, market)
            given = verdict.answer(builtin: builtin)
        }
        if let shadow = choice.shadow {
            await shadows.start(shadow, job) { [given] in
                let verdict = try await verdict(shadow.engine, builtin, question, market)
                switch verdict.result {
                case .success(let tried):
                    return .compared(try await compute.run { DecisionDifference(given: given, tried: tried) })
                case .failure(let failure): return .failed(failure)
                }
            }
        }
        return given
    }

    /// Makes a logged decision again with the engine that its provenance names.
    ///
    /// - Throws: 410 when that engine is not what it was.
    func decision(
        _ builtin: Decision,
        logged: JSONValue,
        _ question: Question,
        _ market: RegionMarket
    ) async throws -> Decision {
        guard let named = logged["provenance"]?["custom_engine"]?.object else { return builtin }
        guard let id = named["engine_id"]?.string.flatMap(UUID.init(uuidString:)),
            let version = named["config_version"]?.integer.flatMap(Int.init(exactly:)),
            let engine = try await engine(id, version), engine.sha256 == named["sha256"]?.string
        else { throw APIError(.gone, "the engine that took part in this decision is not there any more") }
        return try await verdict(engine, builtin, question, market).answer(builtin: builtin)
    }

    private func engine(_ id: UUID, _ configVersion: Int) async throws -> CustomEngine? {
        do {
            return try await store.engine(id, configVersion: configVersion)
        } catch EngineStoreError.unknown {
            return nil
        }
    }

    /// Runs an engine on a request that the built-in engine has decided.
    func verdict(
        _ engine: CustomEngine,
        _ builtin: Decision,
        _ question: Question,
        _ market: RegionMarket
    ) async throws -> CustomVerdict {
        // Requests and markets can be large: they are written down and read off the threads that others wait on.
        let asked = try await compute.run {
            Result { () throws(ScriptFailure) in
                try engine.question(question.request, builtin: builtin, market: market, now: question.moment)
            }
        }
        let run =
            switch asked {
            case .success(let script): try await sandbox.run(script)
            case .failure(let failure): ScriptRun(failure: failure)
            }
        return try await compute.run { CustomVerdict(engine, run, builtin: builtin) }
    }
}
