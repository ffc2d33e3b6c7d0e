import Contract
import Crypto
import Engines
import FoundationEssentials
import Jobs
import Pricing
import ThreadExecution

/// Chooses spot instance types: the request from the job, the market from the price store, the engine in between.
struct SpotOptimizeHandler: JobHandler {
    let kind = JobKind.spotOptimize
    let markets: MarketCache
    let compute: ComputePool
    let defaultRegion: String

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let question = try await compute.run { try Question(job, defaultRegion: defaultRegion) }
            let market = try await markets.market(
                region: question.spot.region,
                operatingSystem: question.spot.operatingSystem
            )
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
    let spot: SpotRequest
    private let envelope: DecisionEnvelope
    private let start: ContinuousClock.Instant

    init(_ job: ClaimedJob, defaultRegion: String) throws {
        start = .now
        let bytes = Array(job.payload.utf8)
        let request = try DecisionRequest(body: bytes, type: .spotOptimize)
        spot = try SpotRequest(request, defaults: .init(region: defaultRegion))
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

    func answer(_ market: SpotMarket) throws -> String {
        let decision = try SpotOptimizer.decide(spot, market: market, now: envelope.timestamp)
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
