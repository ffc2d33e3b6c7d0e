import Contract
import Crypto
import Engines
import FoundationEssentials
import Jobs
import Pricing
import ThreadExecution

/// Makes decisions of one type: the request from the job, the market from the price store, the engine in between.
struct DecisionHandler: JobHandler {
    let kind: JobKind
    let engine: any DecisionEngine.Type
    let markets: MarketCache
    let compute: ComputePool
    let defaultRegion: String

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let question = try await compute.run { try Question(job, engine, EngineDefaults(region: defaultRegion)) }
            let market = try await markets.market(question.engine.marketKey)
            return .succeeded(result: try await compute.run { try question.answer(market) })
        } catch let error as APIError {
            return .failed(
                JobFailure(code: error.code.rawValue, message: error.message, field: error.field, hint: error.hint)
            )
        }
    }
}

/// One request, read, with what its answer must repeat.
private struct Question: Sendable {
    let engine: any DecisionEngine
    private let envelope: DecisionEnvelope
    private let start: ContinuousClock.Instant

    init(_ job: ClaimedJob, _ engine: any DecisionEngine.Type, _ defaults: EngineDefaults) throws {
        start = .now
        let bytes = Array(job.payload.utf8)
        let request = try DecisionRequest(body: bytes, type: engine.type)
        self.engine = try engine.init(request, defaults: defaults)
        let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        envelope = DecisionEnvelope(
            requestID: request.requestID ?? job.requestID ?? job.id.description,
            clusterID: request.clusterID,
            // A caller who names the moment of its data gets the decision for that moment: replays are exact.
            timestamp: request.timestamp ?? now,
            processingMilliseconds: 0,
            inputDigest: Self.digest(bytes)
        )
    }

    func answer(_ market: RegionMarket) throws -> String {
        let decision = try engine.decide(in: market, now: envelope.timestamp)
        var envelope = envelope
        let spent = ContinuousClock.now - start
        envelope.processingMilliseconds =
            Double(spent.components.seconds) * 1000 + Double(spent.components.attoseconds) / 1e15
        return String(decoding: DecisionResponse(decision, envelope).bytes, as: UTF8.self)
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
