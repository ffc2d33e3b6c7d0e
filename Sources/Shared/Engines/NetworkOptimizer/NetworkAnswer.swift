import Contract

/// Puts the answer together from what was found.
struct NetworkAnswer {
    /// How many pairs that nothing helps are named as wishes for the scheduler.
    private static let mostWishes = 20

    let request: NetworkRequest
    let market: RegionMarket
    let policy: NetworkPolicy
    let price: TransferPrice
    let evaluation: NetworkEvaluation

    private var map: NetworkMap { evaluation.map }

    var decision: Decision {
        let quality = NetworkQuality(request, map, price)
        let verdicts = PairVerdicts(evaluation)
        let report = NetworkReport(
            request: request,
            policy: policy,
            evaluation: evaluation,
            confidence: confidence(quality)
        )
        return Decision(
            type: .networkOptimize,
            recommendations: recommendations(report, verdicts),
            confidence: report.confidence,
            estimatedSavings: evaluation.monthly(evaluation.today - evaluation.path.crossing) ?? 0,
            plan: NetworkPlan(evaluation: evaluation, report: report).steps,
            metadata: metadata(report, verdicts),
            evidence: request.explains
                ? NetworkEvidence(evaluation: evaluation, report: report, verdicts: verdicts).json : nil,
            riskAssessment: risk,
            usesFallback: !map.unknownCapacity.isEmpty,
            dataQuality: quality.score,
            warnings: quality.warnings + map.warnings + request.warnings,
            sources: [price.source].compactMap { $0 },
            rejected: rejections(verdicts),
            itemProblems: request.itemProblems,
            engineVersion: NetworkOptimizer.version,
            snapshotID: market.snapshotID
        )
    }

    /// Measured traffic repeats itself well but not surely; with no recommendation there is little to be sure of.
    private func confidence(_ quality: NetworkQuality) -> Double {
        let base = evaluation.path.crossing < evaluation.today ? 0.9 : 0.5
        return base * quality.score
    }

    private func recommendations(_ report: NetworkReport, _ verdicts: PairVerdicts) -> [JSONValue] {
        var items = evaluation.path.routings.flatMap { routing in
            routing.offers.map { report.routing($0, routing.basis) }
        }
        items += report.moveGroups.map(report.placement)
        return items + wishes(report, verdicts)
    }

    private func wishes(_ report: NetworkReport, _ verdicts: PairVerdicts) -> [JSONValue] {
        guard request.levers.contains(.affinity) else { return [] }
        // Only what a different moment would allow: a limit of moves, missing room, or moves that were not asked for.
        let open: Set<String> = ["move_limit", "no_room", "placement_not_allowed"]
        return verdicts.verdicts
            .filter { open.contains($0.reason ?? "") && $0.movable != nil }
            .sorted { (-evaluation.crossingAfter[$0.pair], $0.pair) < (-evaluation.crossingAfter[$1.pair], $1.pair) }
            .prefix(Self.mostWishes)
            .compactMap { verdict in
                verdict.movable.map {
                    report.wish(
                        evaluation.pairs.pairs[verdict.pair],
                        crossing: evaluation.crossingAfter[verdict.pair],
                        movable: $0
                    )
                }
            }
    }

    private func rejections(_ verdicts: PairVerdicts) -> Rejections {
        var rejected = map.rejected
        for verdict in verdicts.verdicts {
            guard let reason = verdict.reason else { continue }
            let pair = evaluation.pairs.pairs[verdict.pair]
            let name = NetworkMapBuilder.pair(map.services[pair.first].name, map.services[pair.second].name)
            rejected.add(Rejection(name, reason, detail: verdict.detail))
        }
        for routing in evaluation.path.routings {
            for refusal in routing.refusals {
                rejected.add(
                    Rejection(map.services[refusal.service].name, refusal.reason, detail: "traffic distribution")
                )
            }
        }
        return rejected
    }

    private var risk: JSONObject {
        let moves = evaluation.moves.count
        return [
            "pods_restarted": .integer(Int64(moves)),
            "services_rerouted": .integer(Int64(evaluation.path.routings.reduce(0) { $0 + $1.offers.count })),
            "capacity_unknown_in": .array(map.unknownCapacity.map { .string($0) }),
            "spread": "no zone gets more than ceil(replicas / zones) of a service, or than it has today",
            "level": .string(moves == 0 ? "low" : map.unknownCapacity.isEmpty ? "medium" : "high"),
        ]
    }

    private func metadata(_ report: NetworkReport, _ verdicts: PairVerdicts) -> JSONObject {
        var byLever = JSONObject()
        for lever in [NetworkLever.trafficDistribution, .placement] {
            byLever[lever.rawValue] = report.money(evaluation.saved(by: lever))
        }
        return [
            "region": .string(request.region),
            "currency": "USD",
            "billed_both_sides": true,
            "usd_per_gb_and_side": price.usd.map { .double($0) } ?? .null,
            "usd_per_gb_crossing": price.usd.map { .rounded($0 * policy.billedSides, 9) } ?? .null,
            "days_per_month": .double(request.daysPerMonth),
            "missing_prices": price.usd == nil ? .array([.string(ServiceItem.crossZoneTransfer.rawValue)]) : [],
            "total_daily_gb": NetworkReport.gigabytes(map.total),
            "cross_zone_daily_gb_now": NetworkReport.gigabytes(evaluation.today),
            "cross_zone_daily_gb_after": NetworkReport.gigabytes(evaluation.path.crossing),
            "monthly_cost_now": report.money(evaluation.today),
            "monthly_cost_now_one_side": report.money(evaluation.today / 2),
            "monthly_cost_after": report.money(evaluation.path.crossing),
            "monthly_savings_by_lever": .object(byLever),
            "min_pair_gb_per_day": .double(request.minimumPairGB),
            "min_monthly_savings": .double(request.minimumBenefit),
            "zones": .array(map.zones.map { .string($0) }),
            "pods": .integer(Int64(map.pods.count)),
            "pods_pinned": .integer(Int64(map.pods.count { $0.pin != nil })),
            "services": .integer(Int64(map.services.count)),
            "pairs": .integer(Int64(evaluation.pairs.pairs.count)),
            "pairs_qualified": .integer(Int64(evaluation.pairs.pairs.count(where: \.isQualified))),
            "moves": .integer(Int64(evaluation.moves.count)),
            "max_moves": request.maximumMoves.map { .integer(Int64($0)) } ?? .null,
            "search": search,
            "assumed": .array(request.assumed.map { .string($0) }),
        ]
    }

    private var search: JSONValue {
        guard let outcome = evaluation.path.search, let problem = evaluation.path.problem else { return .null }
        let bound = Double(outcome.lowerBound)
        return [
            "free_pods": .integer(Int64(problem.free.count)),
            "steps": .integer(Int64(outcome.steps)),
            "cross_zone_daily_gb": NetworkReport.gigabytes(outcome.crossing),
            "lower_bound_daily_gb": NetworkReport.gigabytes(outcome.lowerBound),
            "is_optimal": .bool(outcome.isOptimal),
            "gap": bound > 0
                ? .rounded((Double(outcome.crossing) - bound) / bound, 6) : outcome.isOptimal ? 0.0 : .null,
        ]
    }
}
