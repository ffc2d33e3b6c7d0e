package import Contract

/// What a learned model expects a node to need.
package struct NodeForecast: Sendable, Hashable {
    /// vCPUs and GB of the whole machine.
    package var cpu: Int
    package var memory: Int
    package var confidence: Double?

    package init(cpu: Int, memory: Int, confidence: Double? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.confidence = confidence
    }

    package var json: JSONValue {
        [
            "recommended_cpu": .integer(Int64(cpu)), "recommended_memory": .integer(Int64(memory)),
            "confidence": confidence.map { .rounded($0, 4) } ?? .null,
        ]
    }
}

/// The rule's size and the forecast's, merged as documented.
package struct NodeMerge: Sendable, Hashable {
    package enum Method: String, Sendable, Hashable {
        case deterministic, hybrid
        case override = "ml_override"
    }

    package var cpu: Int
    package var memory: Int
    package var method = Method.deterministic
    package var confidence: Double
    package var isValidated = false
    package var requiresReview = false

    /// Merges: a larger forecast wins, one that is smaller by more than 30 % is left to a human, agreement counts for
    /// 0.10 of confidence.
    ///
    /// A forecast larger in one resource only wins in that one: nothing gets smaller by being careful.
    package init(_ rule: NodeRule, _ forecast: NodeForecast?, confidence: Double, policy: RightsizePolicy = .standard) {
        cpu = rule.cpu
        memory = rule.memory
        self.confidence = confidence
        guard let forecast else { return }
        if forecast.cpu > cpu || forecast.memory > memory {
            cpu = max(cpu, forecast.cpu)
            memory = max(memory, forecast.memory)
            method = .override
            self.confidence = policy.forecastOverride
        } else if Self.differs(forecast.cpu, cpu, policy) || Self.differs(forecast.memory, memory, policy) {
            requiresReview = true
        } else {
            method = .hybrid
            isValidated = true
            self.confidence = min(policy.mostConfidence, confidence + policy.forecastBonus)
        }
    }

    private static func differs(_ forecast: Int, _ rule: Int, _ policy: RightsizePolicy) -> Bool {
        rule > 0 && Double(abs(forecast - rule)) / Double(rule) > policy.divergence
    }
}
