import Contract

/// Puts the answer together from what was found.
struct PackAnswer {
    let request: PackRequest
    let market: RegionMarket
    let solver: PackSolver
    let now: Timestamp
    let report: PackReport
    let quality: PackQuality

    init(request: PackRequest, market: RegionMarket, solver: PackSolver, now: Timestamp) {
        self.request = request
        self.market = market
        self.solver = solver
        self.now = now
        report = PackReport(request: request, solver: solver)
        quality = PackQuality(request, market, solver.model, now: now)
    }

    var decision: Decision {
        var decision = Decision(
            type: .binPack,
            recommendations: report.recommendations(confidence: confidence),
            confidence: confidence,
            estimatedSavings: ExactPrice.usd(report.savings) * PackReport.hoursPerMonth,
            plan: PackSteps(solver: solver, options: request.options).steps,
            metadata: metadata,
            riskAssessment: PackRisk(solver: solver).json,
            usesFallback: quality.usesFallback,
            dataQuality: quality.score,
            warnings: quality.warnings + ownWarnings,
            sources: market.sources,
            rejected: report.rejections,
            itemProblems: request.cluster.problems + solver.model.problems,
            engineVersion: BinPacking.version,
            snapshotID: market.snapshotID
        )
        if request.explains { decision.evidence = PackEvidence(solver: solver, report: report).json }
        return decision
    }

    /// Half when nothing is recommended; less when the data is doubtful or the search ended early.
    private var confidence: Double {
        let base = report.savings > 0 || !solver.solution.plan.drained.isEmpty ? 0.95 : 0.5
        return base * quality.score * (solver.isExhausted ? 0.95 : 1)
    }

    private var ownWarnings: [String] {
        var warnings: [String] = []
        if !solver.unplaced.isEmpty {
            warnings.append("\(solver.unplaced.count) pending pods fit on no node: they need a new one")
        }
        if !solver.solution.plan.abandoned.isEmpty {
            let count = solver.solution.plan.abandoned.count
            warnings.append("\(count) nodes could be emptied in the end, but in no order of allowed steps: they stay")
        }
        if solver.model.nodeCount == 0 { warnings.append("the request holds no node") }
        if solver.model.nodeCount > 0, request.cluster.pods.isEmpty {
            warnings.append("the request holds nodes and no pod at all: nothing is drained on such data")
        }
        return warnings
    }

    private var metadata: JSONObject {
        var metadata: JSONObject = [
            "region": .string(market.region),
            "mode": .string(request.mode.rawValue),
            "policy": .string(request.options.policy.rawValue),
            "currency": "USD",
            "hours_per_month": .integer(Int64(PackReport.hoursPerMonth)),
            "nodes_to_drain": .array(report.drained.map { .string(solver.model.nodes[$0].name) }),
            "migrations": .array(report.migrations),
            "placements": .array(report.placements),
            "waves": .array(report.waves),
            "kept_nodes": .array(report.kept),
            "blocked_nodes": .array(report.blocked),
            "replacement": report.replacement,
            "unplaced_pending_pods": .array(solver.unplaced.map { .string(solver.model.pods[$0].key.description) }),
            "summary": .object(report.summary),
            "bound": .object(report.bound),
            "search": .object(report.search),
            "missing_prices": .array(report.missingPrices),
            "price_origins": .object(report.priceOrigins),
            "constraints": .object(report.constraints),
        ]
        if let plain = solver.withoutReplacement {
            metadata["without_replacement"] = [
                "nodes_to_drain": .array(plain.plan.drained.map { .string(solver.model.nodes[$0].name) }),
                "hourly_savings": .rounded(ExactPrice.usd(solver.costBefore - plain.cost), 6),
            ]
        }
        return metadata
    }
}
