import Contract

/// Puts the answer together from what was found.
struct SpotAnswer {
    let request: SpotRequest
    let market: RegionMarket
    let policy: SpotPolicy
    let evaluation: SpotEvaluation
    let quality: DataQuality
    let portfolio: SpotPortfolio?

    var decision: Decision {
        Decision(
            type: .spotOptimize,
            recommendations: recommendations,
            confidence: confidence,
            estimatedSavings: savings,
            plan: SpotPlan.steps(evaluation.passing.first, onDemand: evaluation.onDemand.first, request),
            metadata: metadata,
            evidence: request.explains ? SpotEvidence(evaluation: evaluation, report: report).json : nil,
            riskAssessment: risk,
            usesFallback: evaluation.usesFallback || evaluation.passing.isEmpty,
            dataQuality: quality.score,
            warnings: quality.warnings + request.warnings + ownWarnings,
            sources: market.sources,
            rejected: evaluation.rejected,
            itemProblems: request.itemProblems,
            engineVersion: SpotOptimizer.version,
            snapshotID: market.snapshotID,
            model: market.model
        )
    }

    /// How many on-demand types are named as a fallback.
    private static let fallbackTypes = 3

    private var isFallback: Bool { evaluation.passing.isEmpty }

    private var report: SpotReport {
        SpotReport(request: request, market: market, policy: policy, confidence: confidence)
    }

    private var recommendations: [JSONValue] {
        let report = self.report
        let spot = evaluation.passing.prefix(request.limit).map(report.item)
        if isFallback {
            return evaluation.onDemand.prefix(min(Self.fallbackTypes, request.limit)).map {
                report.onDemandItem($0, reason: "no spot pool passes; the cheapest on-demand types that fit")
            }
        }
        guard request.workload == .stateful, let safe = evaluation.onDemand.first else { return spot }
        let first = report.onDemandItem(safe, reason: "stateful work: on-demand first, spot only with approval")
        return Array(([first] + spot).prefix(max(1, request.limit)))
    }

    /// 0.95 at best, as the documented engine says; half when there is nothing to recommend.
    private var confidence: Double {
        let base = isFallback ? 0.5 : 0.95
        // A default in the place of a measured volatility is three tenths of the score.
        return base * quality.score * (evaluation.usesFallback && !isFallback ? 0.9 : 1)
    }

    /// USD per month if the first recommendation, or the portfolio, is carried out.
    private var savings: Double {
        if isFallback || request.workload == .stateful { return 0 }
        if let portfolio, portfolio.plan != nil { return portfolio.monthlySavings(evaluation) }
        let hourly = evaluation.passing.first?.hourlySavings ?? 0
        return max(0, hourly) * policy.hoursPerMonth * Double(request.nodeCount ?? 1)
    }

    private var ownWarnings: [String] {
        var warnings: [String] = []
        if isFallback {
            warnings.append(
                evaluation.onDemand.isEmpty ? "nothing fits the request" : "no spot pool passes: use on-demand"
            )
        }
        if let obstacle = portfolio?.obstacle { warnings.append("no portfolio: \(obstacle)") }
        return warnings
    }

    private var risk: JSONObject {
        var risk: JSONObject = [
            "direction": "safety_score and risk_score: 1 is safe, 0 is unsafe",
            "min_safety_score": .rounded(evaluation.minimumSafety, 4),
            "max_interruption_risk": request.maximumRisk.map { .double($0) } ?? .null,
            "workload_type": .string(request.workload.rawValue),
            "restart_cost_usd": .rounded(evaluation.restartCost, 4),
        ]
        if let pool = evaluation.passing.first?.pools.first, request.workload != .stateful {
            risk["safety_score"] = .rounded(pool.score.safety, 6)
            risk["interruption_probability"] = .double(pool.score.interruptionProbability)
        }
        if let portfolio { risk["portfolio_feasible"] = .bool(portfolio.plan != nil) }
        return risk
    }

    private var metadata: JSONObject {
        var metadata: JSONObject = [
            "region": .string(market.region),
            "operating_system": .string(market.operatingSystem.rawValue),
            "workload_type": .string(request.workload.rawValue),
            "ranked_by": .string(request.ranking.rawValue),
            "action": .string(isFallback || request.workload == .stateful ? "use_on_demand" : "use_spot"),
            "candidates_evaluated": .integer(Int64(evaluation.considered)),
            "candidates_passing": .integer(Int64(evaluation.passing.count)),
            "risk_score_direction": "1 = safe",
            "savings_percentage_unit": "fraction, 0 to 1",
            "currency": "USD",
            "hours_per_month": .integer(Int64(policy.hoursPerMonth)),
            "assumed": .array(request.assumed.map { .string($0) }),
            "missing_prices": .array(evaluation.missingPrices.sorted().map { .string($0) }),
            "demand": [
                "cpu_millicores": .integer(Int64(request.node.millicores)),
                "memory_mib": .integer(Int64(request.node.mebibytes)),
                "pods": .integer(Int64(request.node.pods)),
                "node_count": .integer(Int64(request.nodeCount ?? 1)),
            ],
        ]
        if let portfolio { metadata["portfolio"] = portfolio.json }
        return metadata
    }
}
