import Contract

/// The score parts of every type, the recommended and the rejected ones alike.
struct SpotEvidence {
    let evaluation: SpotEvaluation
    let report: SpotReport

    var json: JSONObject {
        [
            "candidates": .array(evaluation.judged.map(candidate)),
            "formula": "safety = (0.60 - w) advisor + 0.30 volatility + w learned + 0.10 structural",
            "ranking": .array(evaluation.passing.map { .string($0.name) }),
        ]
    }

    private func candidate(_ judged: SpotJudgement) -> JSONValue {
        [
            "instance_type": .string(judged.name),
            "outcome": .string(judged.rejection == nil ? "candidate" : "rejected"),
            "reason": .optional(judged.rejection?.reason),
            "detail": .optional(judged.rejection?.detail),
            "interruption_band": .optional(judged.entry?.band.label),
            "feed_savings_percent": judged.entry.map { .integer(Int64($0.savingsPercent)) } ?? .null,
            "on_demand_hourly_price": report.money(judged.onDemand, 6),
            "pools": .array(
                judged.pools.map { item in
                    [
                        "availability_zone": .optional(item.pool.zone),
                        "safety_score": .rounded(item.pool.score.safety, 12),
                        "score_parts": report.parts(item.pool.score),
                        "interruption_probability": .double(item.pool.score.interruptionProbability),
                        "spot_hourly_price": report.money(item.pool.price, 6),
                        "price_origin": .string(item.pool.origin.rawValue),
                        "expected_monthly_cost": report.money(item.pool.expectedMonthlyCost, 4),
                        "blocked_by": .optional(item.refusal),
                    ]
                }
            ),
        ]
    }
}
