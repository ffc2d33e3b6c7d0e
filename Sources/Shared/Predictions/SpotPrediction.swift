/// What is said about one spot pool.
package struct SpotPrediction: Sendable {
    package enum Source: String, Sendable {
        case model
        /// The answer of day zero: no model is active, or it does not tell this.
        case spotAdvisor = "spot_advisor"
    }

    /// 0 to 1: an interruption within a month; nil when nothing tells.
    package let interruptionProbability: Double?
    /// USD per hour in an hour; nil unless the model predicts prices.
    package let predictedPrice: Double?
    /// 0 to 1.
    package let confidence: Double
    package let source: Source
    package let warnings: [String]

    package init(
        interruptionProbability: Double?,
        predictedPrice: Double?,
        confidence: Double,
        source: Source,
        warnings: [String]
    ) {
        self.interruptionProbability = interruptionProbability
        self.predictedPrice = predictedPrice
        self.confidence = confidence
        self.source = source
        self.warnings = warnings
    }

    /// What to do with such a probability.
    package var recommendation: String {
        guard let probability = interruptionProbability else { return "unknown" }
        return switch probability {
        case ..<0.10: "use_spot"
        case ..<0.20: "use_spot_diversified"
        default: "use_on_demand"
        }
    }
}
