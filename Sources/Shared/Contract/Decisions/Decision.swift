/// What an engine concluded: a pure function of its input, its prices and the clock.
///
/// Nothing in here may differ between two runs on the same input; what does differ lives in ``DecisionEnvelope``.
package struct Decision: Sendable, Hashable {
    package var type: DecisionType
    /// Best first.
    ///
    /// An item of the spot optimizer always has `instance_type`.
    package var recommendations: [JSONValue]
    /// 0 to 1.
    package var confidence: Double
    /// USD per month; never guessed, so 0 when no price is known.
    package var estimatedSavings: Double
    package var plan: [ExecutionStep]
    package var metadata: JSONObject
    /// What the conclusion rests on, candidate by candidate; nothing unless the caller asked for it.
    package var evidence: JSONObject?
    package var riskAssessment: JSONObject
    /// True when a rule or a default stood in for data that was missing.
    package var usesFallback: Bool
    /// 0 to 1: 1 means fresh and complete.
    package var dataQuality: Double
    package var warnings: [String]
    package var sources: [DataSource]
    package var rejected: Rejections
    package var itemProblems: [ItemProblem]
    package var engineVersion: String
    /// The price data this rests on, as the store names it.
    package var snapshotID: String?
    /// The model whose scores took part; nothing when none is active.
    package var model: ModelStamp?
    /// Which engine that somebody brought took part, and how that went; nothing when none is active.
    package var customEngine: JSONObject?

    package init(
        type: DecisionType,
        recommendations: [JSONValue] = [],
        confidence: Double,
        estimatedSavings: Double = 0,
        plan: [ExecutionStep] = [],
        metadata: JSONObject = [:],
        evidence: JSONObject? = nil,
        riskAssessment: JSONObject = [:],
        usesFallback: Bool = false,
        dataQuality: Double = 1,
        warnings: [String] = [],
        sources: [DataSource] = [],
        rejected: Rejections = .init(),
        itemProblems: [ItemProblem] = [],
        engineVersion: String,
        snapshotID: String? = nil,
        model: ModelStamp? = nil,
        customEngine: JSONObject? = nil
    ) {
        self.type = type
        self.recommendations = recommendations
        self.confidence = confidence
        self.estimatedSavings = estimatedSavings
        self.plan = plan
        self.metadata = metadata
        self.evidence = evidence
        self.riskAssessment = riskAssessment
        self.usesFallback = usesFallback
        self.dataQuality = dataQuality
        self.warnings = warnings
        self.sources = sources
        self.rejected = rejected
        self.itemProblems = itemProblems
        self.engineVersion = engineVersion
        self.snapshotID = snapshotID
        self.model = model
        self.customEngine = customEngine
    }
}
