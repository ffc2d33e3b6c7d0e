package import Contract

/// The marks that a model must reach before it is activated without a person's word: those documented for the models of
/// spot prices and interruptions.
package enum MetricGates {
    private struct Gate {
        let names: [String]
        let limit: Double
        let isFloor: Bool
    }

    /// MAE in USD per hour, MAPE in percent; the others are shares.
    private static let gates = [
        Gate(names: ["mae"], limit: 0.02, isFloor: false), Gate(names: ["mape"], limit: 10, isFloor: false),
        Gate(names: ["r2", "r2_score"], limit: 0.85, isFloor: true),
        Gate(names: ["precision"], limit: 0.80, isFloor: true),
        Gate(names: ["recall"], limit: 0.75, isFloor: true),
        Gate(names: ["f1", "f1_score"], limit: 0.77, isFloor: true),
    ]

    /// What a model's stated metrics miss, in words; a model without any metric misses that.
    package static func misses(_ metrics: JSONObject) -> [String] {
        var known = 0
        var misses: [String] = []
        for gate in gates {
            guard
                let (name, value) = gate.names.lazy.compactMap({ name in metrics[name]?.number.map { (name, $0) } })
                    .first
            else { continue }
            known += 1
            if gate.isFloor ? value <= gate.limit : value >= gate.limit {
                misses.append("\(name) is \(value), it must be \(gate.isFloor ? "above" : "below") \(gate.limit)")
            }
        }
        return known == 0 ? ["the upload states no metrics"] : misses
    }
}
