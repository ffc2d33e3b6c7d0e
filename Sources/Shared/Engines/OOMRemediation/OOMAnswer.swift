import Contract

/// Puts the answer together from what was found.
struct OOMAnswer {
    let evaluation: OOMEvaluation

    private var request: OOMRequest { evaluation.request }

    var decision: Decision {
        var rejected = Rejections()
        for rejection in evaluation.rejected { rejected.add(rejection) }
        return Decision(
            type: .oomkilledRemediate,
            recommendations: evaluation.cases.map(OOMReport(policy: request.policy).item),
            confidence: evaluation.cases.map(\.confidence).min() ?? 0.9,
            estimatedSavings: -automatic.reduce(0) { $0 + ($1.costDelta ?? 0) },
            plan: OOMPlan.steps(automatic),
            metadata: metadata,
            evidence: request.explains ? evidence(rejected) : nil,
            riskAssessment: risk,
            usesFallback: evaluation.cases.contains { $0.peak == nil },
            dataQuality: quality,
            warnings: warnings,
            sources: evaluation.market.sources,
            rejected: rejected,
            itemProblems: request.itemProblems,
            engineVersion: OOMRemediator.version,
            snapshotID: evaluation.market.snapshotID
        )
    }

    private var automatic: [OOMCase] { evaluation.cases.filter(\.isAutomatic) }

    private var metadata: JSONObject {
        let kills = evaluation.cases.reduce(Int64(0)) { $0.addingClamped($1.kills) }
        return [
            "region": .string(evaluation.market.region),
            "total_oomkilled_events": .integer(kills),
            "records_read": .integer(Int64(evaluation.recordsSeen)),
            "affected_deployments": .integer(Int64(evaluation.cases.count)),
            "system_oom_on_nodes": .integer(Int64(evaluation.systemKillsOnNodes)),
            "by_kind": byKind,
            "window_hours": .integer(Int64(request.policy.windowHours)),
            "increase_factor": .rounded(request.policy.factor, 4),
            "max_increase_factor": .rounded(request.policy.most, 4),
            "kills_before_manual_review": .integer(request.policy.toleratedKills),
            "cost_delta_monthly": evaluation.cases.contains { $0.isAutomatic && $0.costDelta == nil }
                ? .null : .rounded(automatic.reduce(0) { $0 + ($1.costDelta ?? 0) }, 2),
            "memory_unit": "fields ending in _mb are MiB",
            "currency": "USD",
            "hours_per_month": .integer(Int64(request.policy.hoursPerMonth)),
            "missing_prices": .array(evaluation.missingPrices.sorted().map { .string($0) }),
            "assumed": .array(request.assumed.map { .string($0) }),
        ]
    }

    private var byKind: JSONValue {
        var object = JSONObject()
        for kind in OOMKind.allCases.sorted() {
            object[kind.rawValue] = .integer(Int64(evaluation.cases.count { $0.kind == kind }))
        }
        return .object(object)
    }

    private var risk: JSONObject {
        [
            "automatic": .integer(Int64(automatic.count)),
            "manual_review": .integer(Int64(evaluation.cases.count { $0.action == .review })),
            "deferred": .integer(Int64(evaluation.cases.count { $0.action == .deferred })),
            "probable_leaks": .integer(Int64(evaluation.cases.count { $0.reviews.contains("probable_leak") })),
        ]
    }

    private var warnings: [String] {
        var warnings: [String] = []
        if !evaluation.cases.isEmpty, automatic.contains(where: { $0.costDelta == nil }) {
            warnings.append(
                "the price of a GiB is not known: cost_delta is left out, estimated_savings counts what is known"
            )
        }
        if evaluation.market.sources.contains(where: \.isSample) {
            warnings.append("SAMPLE data: made-up figures for trying things out, not for real decisions")
        }
        return warnings
    }

    private var quality: Double {
        var quality = 1.0
        if request.cluster.pods.isEmpty, request.podEvents.isEmpty, request.cluster.events.isEmpty { quality = 0.3 }
        if automatic.contains(where: { $0.costDelta == nil }) { quality *= 0.8 }
        if evaluation.cases.contains(where: { $0.peak == nil }) { quality *= 0.9 }
        if !request.itemProblems.isEmpty { quality *= 0.9 }
        return evaluation.market.sources.contains(where: \.isSample) ? min(quality, 0.5) : quality
    }

    private func evidence(_ rejected: Rejections) -> JSONObject {
        let report = OOMReport(policy: request.policy)
        let blocked = rejected.all.sorted {
            ($0.candidate, $0.reason, $0.detail ?? "") < ($1.candidate, $1.reason, $1.detail ?? "")
        }
        return [
            "cases": .array(evaluation.cases.map(report.evidence)),
            "blocked": .array(blocked.map(\.json)),
        ]
    }
}
