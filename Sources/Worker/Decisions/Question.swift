import Contract
import Crypto
import Engines
import FoundationEssentials

/// One request for a decision, read, with what its answer must repeat.
struct Question: Sendable {
    let engine: any DecisionEngine
    /// The request as it came.
    let bytes: [UInt8]
    /// The same, read.
    let request: DecisionRequest
    private let envelope: DecisionEnvelope
    private let start = ContinuousClock.now

    /// - Parameters:
    ///   - bytes: The request.
    ///   - engine: The kind of engine that decides it.
    ///   - defaults: What the deployment assumes.
    ///   - requestID: Stands in where the request names none.
    ///   - now: The clock, where the request names no moment.
    /// - Throws: `APIError` for a request that the engine refuses.
    init(
        _ bytes: [UInt8],
        _ engine: any DecisionEngine.Type,
        _ defaults: EngineDefaults,
        requestID: String,
        now: Timestamp
    ) throws {
        // The API has measured it already: what was accepted is not refused for its size.
        let limits = JSONLimits(maximumBytes: max(JSONLimits().maximumBytes, bytes.count))
        let request = try DecisionRequest(body: bytes, type: engine.type, limits: limits)
        self.bytes = bytes
        self.request = request
        self.engine = try engine.init(request, defaults: defaults)
        envelope = DecisionEnvelope(
            requestID: request.requestID ?? requestID,
            clusterID: request.clusterID,
            // A caller who names the moment of its data gets the decision for that moment: replays are exact.
            timestamp: request.timestamp ?? now,
            processingMilliseconds: 0,
            inputDigest: SHA256.hash(data: bytes).hex
        )
    }

    /// The moment that the decision is made for.
    var moment: Timestamp { envelope.timestamp }

    /// What the built-in engine decides.
    func decide(_ market: RegionMarket) throws -> Decision {
        try engine.decide(in: market, now: moment)
    }

    /// Puts a decision into the envelope; the digest is the SHA-256 of the market's archived form.
    func response(_ decision: Decision, marketDigest: [UInt8]) -> DecisionResponse {
        var envelope = envelope
        envelope.marketDigest = marketDigest.hex
        envelope.processingMilliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        return DecisionResponse(decision, envelope)
    }
}

extension Sequence<UInt8> {
    /// In hexadecimal, lower case.
    fileprivate var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
