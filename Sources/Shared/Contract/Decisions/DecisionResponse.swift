/// What differs from run to run: supplied by the process, not by the engine.
package struct DecisionEnvelope: Sendable, Hashable {
    package var requestID: String
    package var clusterID: String?
    /// When the decision was made.
    package var timestamp: Timestamp
    package var processingMilliseconds: Double
    /// SHA-256 of the request in canonical form, in hexadecimal; nothing when the caller did not compute it.
    package var inputDigest: String?
    /// SHA-256 of the market the decision rests on, in the form it is archived in.
    package var marketDigest: String?

    package init(
        requestID: String,
        clusterID: String? = nil,
        timestamp: Timestamp,
        processingMilliseconds: Double,
        inputDigest: String? = nil,
        marketDigest: String? = nil
    ) {
        self.requestID = requestID
        self.clusterID = clusterID
        self.timestamp = timestamp
        self.processingMilliseconds = processingMilliseconds
        self.inputDigest = inputDigest
        self.marketDigest = marketDigest
    }
}

/// The reply to a decision request: the superset of every shape that existing callers read.
package struct DecisionResponse: Sendable, Hashable {
    package var decision: Decision
    package var envelope: DecisionEnvelope

    package init(_ decision: Decision, _ envelope: DecisionEnvelope) {
        self.decision = decision
        self.envelope = envelope
    }

    /// The reply.
    ///
    /// Members keep this order, so equal decisions give equal bytes apart from `request_id`, `timestamp`
    /// and `processing_time_ms`.
    package var json: JSONValue {
        var metadata = decision.metadata
        metadata["warnings"] = .array(decision.warnings.map { .string($0) })
        metadata["rejected"] = decision.rejected.json
        metadata["item_problems"] = .array(decision.itemProblems.map(\.json))
        metadata["sample_data"] = .bool(decision.sources.contains(where: \.isSample))
        var reply: JSONObject = [
            "request_id": .string(envelope.requestID),
            "cluster_id": .optional(envelope.clusterID),
            "decision_type": .string(decision.type.rawValue),
            "engine": .string(decision.type.engineName),
            "timestamp": .string(envelope.timestamp.description),
            "recommendations": .array(decision.recommendations),
            "confidence_score": .rounded(decision.confidence, 4),
            "estimated_savings": .rounded(decision.estimatedSavings, 2),
            "execution_plan": .array(decision.plan.enumerated().map { $0.element.json(number: $0.offset + 1) }),
            "risk_assessment": .object(decision.riskAssessment),
            "uses_fallback": .bool(decision.usesFallback),
            "data_quality_score": .rounded(decision.dataQuality, 4),
            "model_version": .optional(decision.model.map { "\($0.name) \($0.version)" }),
            "engine_version": .string(decision.engineVersion),
            "processing_time_ms": .rounded(envelope.processingMilliseconds, 3),
            "data_sources": .array(decision.sources.map(\.json)),
            "provenance": [
                "input_sha256": .optional(envelope.inputDigest),
                "price_snapshot_id": .optional(decision.snapshotID),
                "market_sha256": .optional(envelope.marketDigest),
                "engine_version": .string(decision.engineVersion),
                "model_sha256": .optional(decision.model?.sha256),
            ],
            "metadata": .object(metadata),
        ]
        if let engine = decision.customEngine, var provenance = reply["provenance"]?.object {
            provenance["custom_engine"] = .object(engine)
            reply["provenance"] = .object(provenance)
        }
        if let evidence = decision.evidence { reply["evidence"] = .object(evidence) }
        return .object(reply)
    }

    /// The reply as bytes of JSON.
    package var bytes: [UInt8] { json.bytes() }
}
