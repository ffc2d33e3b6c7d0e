import Contract
import CustomEngines
import Decisions
import Engines
import FoundationEssentials
import Jobs
import Scripts
import ThreadExecution

/// Runs an uploaded engine on its sample, in the same sandbox and by the same rules as on live requests.
struct EngineTestHandler: JobHandler {
    let kind = JobKind.engineTest
    let customs: CustomDecisions
    let markets: MarketCache
    let compute: ComputePool
    let defaults: EngineDefaults

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let (record, config) = try await order(job)
            let report = try await report(record, config)
            // The decision itself goes to whoever asked; what is kept tells how the test went.
            try await customs.store.noteTest(record.id, passed: report.passed, config: config, report: report.kept)
            return .succeeded(result: report.json.text())
        } catch let error as APIError {
            return .failed(JobFailure(error))
        }
    }

    private func order(_ job: ClaimedJob) async throws -> (EngineRecord, JSONObject) {
        let payload = JSONReader(try JSONParser.parse(job.payload))
        guard let id = UUID(uuidString: try payload.required("engine_id").string()) else {
            throw APIError(.malformedID, "engine_id is not the shape of an engine's id", field: "engine_id")
        }
        do {
            let record = try await customs.store.engine(id)
            let config = try payload.optional("config")
            if let config { try record.engine.configSchema.check(config) }
            return (record, try config?.object() ?? record.engine.config)
        } catch EngineStoreError.unknown {
            throw APIError(.notFound, "there is no engine \(id)", field: "engine_id")
        }
    }

    private func report(_ record: EngineRecord, _ config: JSONObject) async throws -> EngineTestReport {
        guard let builtinEngine = DecisionEngines.engine(for: record.engine.type) else {
            throw APIError(.notFound, "no engine decides \(record.engine.type.rawValue) yet")
        }
        let question: Question
        let entry: MarketCache.Entry
        let builtin: Decision
        do {
            question = try await compute.run {
                try Question(
                    Array(record.sample.utf8),
                    builtinEngine,
                    defaults,
                    requestID: "sample",
                    now: Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
                )
            }
            entry = try await markets.market(question.engine.marketKey)
            builtin = try await compute.run { try question.decide(entry.market) }
        } catch let error as APIError {
            let failure = ScriptFailure(.badInput, "the built-in engine refuses the sample: \(error.message)")
            return EngineTestReport(failure: failure, run: ScriptRun(failure: failure))
        }
        var engine = record.engine
        engine.config = config
        let verdict = try await customs.verdict(engine, builtin, question, entry.market)
        switch verdict.result {
        case .failure(let failure): return EngineTestReport(failure: failure, run: verdict.run)
        case .success(let decision):
            return try await compute.run {
                EngineTestReport(
                    difference: DecisionDifference(given: builtin, tried: decision),
                    decision: question.response(
                        verdict.answer(builtin: builtin),
                        marketDigest: entry.snapshot.sha256
                    ).json,
                    run: verdict.run
                )
            }
        }
    }
}

/// How a test went.
struct EngineTestReport: Sendable {
    let passed: Bool
    /// What is stored.
    let kept: JSONValue
    /// What the caller gets: the decision too.
    let json: JSONValue

    init(failure: ScriptFailure, run: ScriptRun) {
        passed = false
        kept = .object(
            Self.common(
                run,
                [
                    "passed": false, "reason": .string(failure.reason.name), "message": .string(failure.message),
                    "line": failure.line.map { .integer(Int64($0)) } ?? .null,
                ]
            )
        )
        json = kept
    }

    init(difference: DecisionDifference, decision: JSONValue, run: ScriptRun) {
        passed = true
        var report = Self.common(run, ["passed": true, "same_as_built_in": .bool(difference.isSame)])
        report["difference"] = difference.json
        kept = .object(report)
        report["decision"] = decision
        json = .object(report)
    }

    private static func common(_ run: ScriptRun, _ first: JSONObject) -> JSONObject {
        var report = first
        report["log"] = .array(run.log.map { .string($0) })
        report["dropped_log_lines"] = .integer(Int64(run.droppedLogLines))
        report["instructions"] = .integer(Int64(run.instructions))
        report["peak_memory_bytes"] = .integer(Int64(run.peakMemoryBytes))
        return report
    }
}
