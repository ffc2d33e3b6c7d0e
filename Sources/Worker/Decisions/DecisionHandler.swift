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
    let archive: DecisionArchive
    let compute: ComputePool
    let defaults: EngineDefaults

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let question = try await compute.run { try read(job) }
            let entry = try await markets.market(question.engine.marketKey)
            // The archive's commit hides behind the computation; both must be done before the decision counts.
            async let kept: Void = archive.keep(
                DecisionInput(lease: job.lease, request: question.bytes, market: entry.snapshot)
            )
            let result = try await compute.run {
                try question.answer(entry.market, marketDigest: entry.snapshot.sha256).bytes
            }
            try await kept
            return .succeeded(result: String(decoding: result, as: UTF8.self))
        } catch let error as APIError {
            return .failed(JobFailure(error))
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
