import Contract

/// Turns candidates into the items of a reply.
struct SpotReport {
    let request: SpotRequest
    let market: RegionMarket
    let policy: SpotPolicy
    /// 0 to 1, of the whole answer.
    let confidence: Double

    /// A spot recommendation.
    func item(_ candidate: SpotCandidate) -> JSONValue {
        guard let pool = candidate.pools.first else { return .null }
        var item = common(candidate)
        item["action"] = "use_spot"
        item["availability_zone"] = .optional(pool.zone)
        item["zones"] = .array(candidate.pools.compactMap { $0.zone.map { .string($0) } })
        item["safety_score"] = .rounded(pool.score.safety, 6)
        item["risk_score"] = .rounded(pool.score.safety, 6)
        item["interruption_band"] = .optional(candidate.band?.label)
        item["interruption_probability"] = .double(pool.score.interruptionProbability)
        item["requires_approval"] = .bool(request.workload == .stateful)
        addPrices(candidate, pool, &item)
        item["score_parts"] = parts(pool.score)
        item["pools"] = .array(candidate.pools.map(self.pool))
        item["flags"] = .array(flags(candidate, pool).map { .string($0) })
        item["metadata"] = .object([
            "family": .string(candidate.spec.family), "generation": .integer(Int64(candidate.spec.generation)),
        ])
        item["reason"] = .string(reason(candidate, pool))
        return .object(item)
    }

    /// An on-demand recommendation: the fallback, and the first choice for stateful work.
    func onDemandItem(_ candidate: SpotCandidate, reason: String) -> JSONValue {
        var item = common(candidate)
        item["action"] = "use_on_demand"
        item["availability_zone"] = .null
        item["zones"] = []
        // On-demand capacity is not taken back: the safe end of the scale.
        item["safety_score"] = 1.0
        item["risk_score"] = 1.0
        item["interruption_band"] = .null
        item["interruption_probability"] = 0.0
        item["requires_approval"] = false
        item["hourly_price"] = money(candidate.onDemand, 6)
        item["spot_hourly_price"] = .null
        item["on_demand_hourly_price"] = money(candidate.onDemand, 6)
        item["savings_percentage"] = 0.0
        item["monthly_cost"] = monthly(candidate.onDemand)
        item["estimated_monthly_cost"] = monthly(candidate.onDemand)
        item["on_demand_monthly_cost"] = monthly(candidate.onDemand)
        item["monthly_savings"] = 0.0
        item["price_source"] = source(market.onDemandSource, origin: "on_demand", at: nil)
        item["flags"] = .array(candidate.spec.isEstimated ? ["allocatable_estimated"] : [])
        item["metadata"] = .object([
            "family": .string(candidate.spec.family), "generation": .integer(Int64(candidate.spec.generation)),
        ])
        item["reason"] = .string(reason)
        return .object(item)
    }

    private func common(_ candidate: SpotCandidate) -> JSONObject {
        let spec = candidate.spec
        return [
            "instance_type": .string(spec.name),
            "node_count": .integer(Int64(request.nodeCount ?? 1)),
            "region": .string(market.region),
            "confidence_score": .rounded(confidence, 4),
            "vcpus": .integer(Int64(spec.vcpus)),
            "memory_mib": .integer(Int64(spec.memoryMiB)),
            "allocatable": [
                "cpu_millicores": .integer(Int64(spec.allocatableMillicores)),
                "memory_mib": .integer(Int64(spec.allocatableMiB)),
                "pods": .integer(Int64(spec.maximumPods)),
            ],
            "architecture": .string(spec.architecture.rawValue),
        ]
    }

    private func addPrices(_ candidate: SpotCandidate, _ pool: SpotPool, _ item: inout JSONObject) {
        item["hourly_price"] = money(pool.price, 6)
        item["spot_hourly_price"] = money(pool.price, 6)
        item["on_demand_hourly_price"] = money(candidate.onDemand, 6)
        item["savings_percentage"] = candidate.savingsFraction.map { .rounded($0, 4) } ?? .null
        item["monthly_cost"] = monthly(pool.price)
        item["estimated_monthly_cost"] = monthly(pool.price)
        item["on_demand_monthly_cost"] = monthly(candidate.onDemand)
        item["monthly_savings"] = monthly(candidate.hourlySavings)
        item["expected_monthly_cost"] = money(pool.expectedMonthlyCost, 4)
        let data = pool.origin == .history ? market.spotPriceSource : market.onDemandSource
        item["price_source"] = source(data, origin: pool.origin.rawValue, at: pool.pricedAt)
    }

    private func source(_ data: DataSource?, origin: String, at: Timestamp?) -> JSONValue {
        [
            "origin": .string(origin),
            "name": data.map { $0.json["name"] ?? .null } ?? .null,
            "price_at": .optional(at?.description),
            "fetched_at": .optional(data?.fetchedAt?.description),
            "version": .optional(data?.version),
        ]
    }

    func parts(_ score: SpotScore) -> JSONValue {
        let weights = SpotScorer.weights(learned: score.learnedWeight)
        return [
            "advisor": .rounded(score.advisor, 6), "volatility": .rounded(score.volatility, 6),
            "volatility_is_fallback": .bool(score.volatilityIsFallback), "learned": .rounded(score.learned, 6),
            "structural": .rounded(score.structural, 6), "gap": .rounded(score.gap, 6), "time": .rounded(score.time, 6),
            "weights": [
                "advisor": .rounded(weights.advisor, 6), "volatility": .rounded(weights.volatility, 6),
                "learned": .rounded(weights.learned, 6), "structural": .rounded(weights.structural, 6),
            ],
        ]
    }

    private func pool(_ pool: SpotPool) -> JSONValue {
        [
            "availability_zone": .optional(pool.zone),
            "safety_score": .rounded(pool.score.safety, 6),
            "spot_hourly_price": money(pool.price, 6),
            "price_origin": .string(pool.origin.rawValue),
            "expected_monthly_cost": money(pool.expectedMonthlyCost, 4),
        ]
    }

    private func flags(_ candidate: SpotCandidate, _ pool: SpotPool) -> [String] {
        [
            candidate.spec.isEstimated ? "allocatable_estimated" : nil,
            candidate.band == nil ? "unknown_in_advisor" : nil,
            candidate.onDemand == nil ? "on_demand_price_unknown" : nil,
            pool.origin == .derived ? "spot_price_derived" : nil,
            pool.origin == .unknown ? "spot_price_unknown" : nil,
            pool.score.volatilityIsFallback ? "volatility_fallback" : nil,
        ].compactMap { $0 }
    }

    private func reason(_ candidate: SpotCandidate, _ pool: SpotPool) -> String {
        let band = candidate.band.map { "interrupted \($0.label) a month" } ?? "unknown to the Spot Advisor"
        let savings = candidate.savingsFraction.map {
            ", \(JSONValue.rounded($0 * 100, 0).number.map { Int($0) } ?? 0) % below on-demand"
        }
        return band + (savings ?? ", price unknown")
    }

    func money(_ value: Double?, _ places: Int) -> JSONValue { value.map { .rounded($0, places) } ?? .null }
    private func monthly(_ hourly: Double?) -> JSONValue { money(hourly.map { $0 * policy.hoursPerMonth }, 2) }
}
