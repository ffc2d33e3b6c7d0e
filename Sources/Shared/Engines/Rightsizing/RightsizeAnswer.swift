import Contract

/// Puts the answer together from what was found.
struct RightsizeAnswer {
    let evaluation: RightsizeEvaluation

    private var request: RightsizeRequest { evaluation.request }
    private var market: RegionMarket { evaluation.market }
    private var policy: RightsizePolicy { evaluation.request.policy }

    var decision: Decision {
        var rejected = Rejections()
        for rejection in (evaluation.nodes?.rejected ?? []) + (evaluation.containers?.rejected ?? []) {
            rejected.add(rejection)
        }
        return Decision(
            type: .rightsize,
            recommendations: nodes.map(NodeReport(policy: policy).item)
                + containers.map(ContainerReport(evaluation: evaluation).item),
            confidence: confidence,
            estimatedSavings: evaluation.savings,
            plan: RightsizePlan(evaluation).steps,
            metadata: metadata,
            evidence: request.explains ? evidence(rejected) : nil,
            riskAssessment: risk,
            usesFallback: nodes.contains { $0.measure.coverage == nil && $0.measure.days == nil },
            dataQuality: quality,
            warnings: request.warnings + warnings,
            sources: market.sources,
            rejected: rejected,
            itemProblems: request.itemProblems,
            engineVersion: Rightsizer.version,
            snapshotID: market.snapshotID
        )
    }

    /// Nodes in danger, then savings, the largest first, then the other larger nodes.
    private var nodes: [NodeRecommendation] {
        func rank(_ item: NodeRecommendation) -> (Int, Double, String) {
            if item.action == .upsize { return (item.isDangerous(policy) ? 0 : 2, 0, item.node.name) }
            return (1, item.monthlyDelta(policy) ?? 0, item.node.name)
        }
        return (evaluation.nodes?.recommendations ?? []).sorted { rank($0) < rank($1) }
    }

    private var containers: [ContainerRecommendation] { evaluation.containers?.recommendations ?? [] }

    /// The least certain recommendation decides: the plan is one.
    private var confidence: Double {
        let all = nodes.map(\.merge.confidence) + containers.map(\.confidence)
        return all.min() ?? 0
    }

    private var metadata: JSONObject {
        let held = nodes.count { !$0.holds.isEmpty } + containers.count { !$0.isActionable }
        return [
            "region": .string(market.region),
            "mode": .string(request.mode.rawValue),
            "level": .string(request.level.rawValue),
            "workload_type": .optional(request.workload),
            "nodes_analyzed": .integer(Int64(evaluation.nodes?.analysed ?? 0)),
            "containers_analyzed": .integer(Int64(evaluation.containers?.analysed ?? 0)),
            "recommendations_count": .integer(Int64(nodes.count + containers.count)),
            "reported_only": .integer(Int64(held)),
            "ml_enhanced": .bool(nodes.contains { $0.merge.method != .deterministic }),
            "window": [
                "start": .string(Timestamp(milliseconds: evaluation.window.start).description),
                "end": .string(Timestamp(milliseconds: evaluation.window.end).description),
                "age_days": evaluation.age.map { .rounded($0, 3) } ?? .null,
            ],
            "thresholds": [
                "downsize_below_percent": .rounded(policy.downsizeBelow, 1),
                "upsize_above_percent": .rounded(policy.upsizeAbove, 1),
                "danger_above_percent": .rounded(policy.dangerAbove, 1),
                "utilisation": .rounded(policy.utilisation, 2),
                "minimum_saving_percent": .rounded(policy.leastSavingShare * 100, 2),
                "minimum_saving_usd_per_month": .rounded(policy.leastSaving, 2),
            ],
            "currency": "USD",
            "hours_per_month": .integer(Int64(policy.hoursPerMonth)),
            "assumed": .array(request.assumed.map { .string($0) }),
            "missing_prices": .array((evaluation.nodes?.missingPrices ?? []).sorted().map { .string($0) }),
            "monthly_savings_of_containers": "counted once pods are packed again; not part of estimated_savings",
        ]
    }

    private var risk: JSONObject {
        [
            "nodes_in_danger": .integer(Int64(nodes.count { $0.isDangerous(policy) })),
            "downsizes": .integer(Int64(nodes.count { $0.action == .downsize })),
            "upsizes": .integer(Int64(nodes.count { $0.action == .upsize })),
            "needs_review": .integer(Int64(nodes.count { $0.merge.requiresReview })),
            "monthly_cost_of_upsizes": .rounded(
                evaluation.actionableNodes.filter { $0.action == .upsize }
                    .reduce(0) { $0 + ($1.monthlyDelta(policy) ?? 0) },
                2
            ),
        ]
    }

    // MARK: Quality

    private var warnings: [String] {
        var warnings: [String] = []
        if request.usage.isEmpty, nodes.isEmpty { warnings.append("no measurements were sent: nothing can be sized") }
        if let age = evaluation.age, age > policy.ageingDays {
            let isStale = age > policy.staleDays
            warnings.append(
                "the latest measurement is \(Int(age)) days old" + (isStale ? ": sizes are reported, not planned" : "")
            )
        }
        let missing = evaluation.nodes?.missingPrices.count ?? 0
        if missing > 0 { warnings.append("\(missing) instance types in use have no price") }
        if market.catalogue.isEmpty, request.level != .containers {
            warnings.append("the instance catalogue is empty: no node can be sized")
        }
        if market.sources.contains(where: \.isSample) {
            warnings.append("SAMPLE data: made-up figures for trying things out, not for real decisions")
        }
        return warnings
    }

    private var quality: Double {
        let analysed = (evaluation.nodes?.analysed ?? 0) + (evaluation.containers?.analysed ?? 0)
        let silent = ((evaluation.nodes?.rejected ?? []) + (evaluation.containers?.rejected ?? []))
            .count { ["no_data", "insufficient_data", "no_cpu_data", "no_memory_data"].contains($0.reason) }
        var quality = analysed == 0 ? 0.3 : max(0.3, 1 - Double(min(silent, analysed)) / Double(analysed))
        let unpriced = evaluation.nodes?.missingPrices.count ?? 0
        if unpriced > 0 { quality *= 0.7 }
        if let age = evaluation.age, age > policy.ageingDays {
            quality = min(quality, age > policy.staleDays ? 0.5 : 0.8)
        }
        if !request.itemProblems.isEmpty { quality *= 0.9 }
        return market.sources.contains(where: \.isSample) ? min(quality, 0.5) : quality
    }

    // MARK: Evidence

    private func evidence(_ rejected: Rejections) -> JSONObject {
        let report = NodeReport(policy: policy)
        let nodes = self.nodes.map { found -> JSONValue in
            let item = report.item(found)
            return [
                "node_name": .string(found.node.name),
                "before": [
                    "instance_type": .optional(found.node.instanceType), "cpu": .rounded(found.size.cpu, 3),
                    "memory_gb": .rounded(found.size.memoryGB, 3),
                    "monthly_cost": item["current_monthly_cost"] ?? .null,
                ],
                "after": [
                    "instance_type": .string(found.choice.spec.name), "cpu": .integer(Int64(found.choice.spec.vcpus)),
                    "memory_mib": .integer(Int64(found.choice.spec.memoryMiB)),
                    "monthly_cost": item["recommended_monthly_cost"] ?? .null,
                    "cpu_peak_share_of_allocatable": .rounded(
                        found.measure.peakMillicores / Double(max(1, found.choice.spec.allocatableMillicores)),
                        4
                    ),
                    "memory_peak_share_of_allocatable": .rounded(
                        found.measure.peakBytes / 1_048_576 / Double(max(1, found.choice.spec.allocatableMiB)),
                        4
                    ),
                ],
                "usage": item["usage"] ?? .null,
                "required": item["required"] ?? .null,
                "cheaper_types_rejected": NodeReport.counts(found.shortages),
            ]
        }
        let containers = self.containers.map { found -> JSONValue in
            [
                "container": .string(found.unit.key.text), "before": found.current.json,
                "after": .object(found.patch.resources), "measured": ContainerReport.evidence(found.evidence),
                "rules": .array(found.sizing.rules.map { .string($0) }),
            ]
        }
        let blocked = rejected.all.sorted { ($0.candidate, $0.reason) < ($1.candidate, $1.reason) }
        return [
            "nodes": .array(nodes), "containers": .array(containers), "blocked": .array(blocked.map(\.json)),
        ]
    }
}
