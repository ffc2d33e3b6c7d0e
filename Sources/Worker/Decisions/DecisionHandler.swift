import Contract
import Decisions
import Engines
import FoundationEssentials
import Jobs
import ThreadExecution

/// Makes decisions of one type: the request from the job, the market from the price store, the engine in between.
struct DecisionHandler: JobHandler {
    let kind: JobKind
    let engine: any DecisionEngine.Type
    let markets: MarketCache
    /// Nil for engines that no model takes part in.
    let learned: LearnedMarkets?
    let archive: DecisionArchive
    let customs: CustomDecisions
    let compute: ComputePool
    let defaults: EngineDefaults

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let question = try await compute.run { try read(job) }
            let known = try await markets.market(question.engine.marketKey)
            let entry = try await learned?.entry(known, at: question.moment) ?? known
            // The archive's commit hides behind the computation; both must be done before the decision counts.
            async let kept: Void = archive.keep(
                DecisionInput(lease: job.lease, request: question.bytes, market: entry.snapshot)
            )
            let choice = try await customs.running.engines(of: engine.type)
            let result =
                choice.isEmpty
                ? try await compute.run {
                    let decision = try question.decide(entry.market)
                    return question.response(decision, marketDigest: entry.snapshot.sha256).bytes
                } : try await customResult(question, entry, choice, job)
            try await kept
            return .succeeded(result: String(decoding: result, as: UTF8.self))
        } catch let error as APIError {
            return .failed(JobFailure(error))
        }
    }

    /// With uploaded engines: the built-in one decides first, and they have their say.
    private func customResult(
        _ question: Question,
        _ entry: MarketCache.Entry,
        _ choice: EngineChoice,
        _ job: ClaimedJob
    ) async throws -> [UInt8] {
        let builtin = try await compute.run { try question.decide(entry.market) }
        let decision = try await customs.decision(builtin, choice, question, entry.market, job)
        return try await compute.run {
            question.response(decision, marketDigest: entry.snapshot.sha256).bytes
        }
    }

    private func read(_ job: ClaimedJob) throws -> Question {
        try Question(
            Array(job.payload.utf8),
            engine,
            defaults,
            requestID: job.requestID ?? job.id.description,
            now: Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        )
    }
}

extension JobFailure {
    init(_ error: APIError) {
        self.init(code: error.code.rawValue, message: error.message, field: error.field, hint: error.hint)
    }
}
