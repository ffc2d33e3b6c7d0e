import Contract

/// Puts the answer together from the verdicts.
struct GhostAnswer {
    let request: GhostRequest
    let evaluation: GhostEvaluation
    let market: RegionMarket
    let now: Timestamp
    private let items: [Item]
    private let stopped: [Item]
    private let instances: InstanceTariff
    private let services: ServiceTariff

    /// A verdict with its price.
    struct Item {
        var verdict: GhostVerdict
        var cost: GhostCost
    }

    /// Stopped machines spelled out; the count covers all.
    private static let listed = 200

    init(
        request: GhostRequest,
        evaluation: GhostEvaluation,
        costs: GhostCosts,
        market: RegionMarket,
        now: Timestamp
    ) {
        self.request = request
        self.evaluation = evaluation
        self.market = market
        self.now = now
        instances = costs.instances
        services = costs.services
        let priced = evaluation.verdicts.filter { $0.action != .none }.map {
            Item(verdict: $0, cost: costs.ifTerminated($0.instance))
        }
        items = priced.sorted(by: Self.comesFirst)
        stopped = evaluation.verdicts.filter { $0.finding == .stopped }.map {
            Item(verdict: $0, cost: costs.whileStopped($0.instance))
        }
    }

    /// What can be done first, then what saves most, then by id.
    private static func comesFirst(_ left: Item, _ right: Item) -> Bool {
        let ranks = (left.verdict.action.rank, right.verdict.action.rank)
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        if left.cost.monthly != right.cost.monthly { return left.cost.monthly > right.cost.monthly }
        return left.verdict.instance.id < right.verdict.instance.id
    }

    private var terminations: [Item] {
        evaluation.isSuspicious ? [] : items.filter { $0.verdict.action == .terminate }
    }

    var decision: Decision {
        let terminations = terminations
        let quality = quality
        return Decision(
            type: .ghostProbe,
            recommendations: recommendations(quality),
            confidence: evaluation.isSuspicious ? 0 : 0.9 * quality,
            estimatedSavings: terminations.reduce(0) { $0 + $1.cost.monthly },
            plan: GhostPlan.steps(terminations, groups: evaluation.isSuspicious ? [] : groups),
            metadata: metadata,
            evidence: request.explains ? evidence : nil,
            riskAssessment: risk(terminations),
            usesFallback: evaluation.clusterIsInferred,
            dataQuality: quality,
            warnings: warnings,
            sources: sources,
            rejected: rejected,
            itemProblems: request.itemProblems,
            engineVersion: GhostProbe.version,
            snapshotID: market.snapshotID
        )
    }

    /// Suspicious input leads to nothing that anybody could carry out.
    private func recommendations(_ quality: Double) -> [JSONValue] {
        guard !evaluation.isSuspicious else { return [] }
        let report = GhostReport(evaluation: evaluation, services: services, market: market, confidence: 0.9 * quality)
        return items.map(report.recommendation)
    }

    private var groups: [Item] { items.filter { $0.verdict.action == .fixGroup } }

    private var rejected: Rejections {
        var rejected = Rejections()
        for verdict in evaluation.verdicts where evaluation.isSuspicious || verdict.action == .none {
            rejected.add(Rejection(verdict.instance.id, verdict.finding.rawValue, detail: verdict.detail))
        }
        return rejected
    }

    /// Falls with everything that is assumed or missing.
    private var quality: Double {
        var quality = 1.0
        if evaluation.isSuspicious { quality = 0.3 }
        if evaluation.cluster == nil { quality = min(quality, 0.5) }
        if evaluation.clusterIsInferred { quality *= 0.95 }
        if request.scans.isEmpty { quality *= 0.9 }
        let unpriced = items.count { !$0.cost.missing.isEmpty }
        if unpriced > 0 { quality *= 1 - 0.3 * Double(unpriced) / Double(items.count) }
        let entries = request.instances.count + request.roster.count + request.itemProblems.count
        if entries > 0 { quality *= 1 - 0.5 * Double(request.itemProblems.count) / Double(entries) }
        if sources.contains(where: \.isSample) { quality = min(quality, 0.5) }
        return quality
    }

    private var sources: [DataSource] {
        let used = items.filter { $0.verdict.action != .recheck } + stopped
        return instances.sources(of: Set(used.compactMap { $0.cost.quote?.origin }))
            + services.sources(of: used.reduce(into: ServiceItemSet()) { $0.formUnion($1.cost.used) })
    }

    private var warnings: [String] {
        var warnings = request.warnings + evaluation.suspicions.map { "suspicious input: \($0.sentence)" }
        if evaluation.cluster == nil, !request.instances.isEmpty {
            warnings.append(
                "the cluster's name is not known and does not follow from the nodes' tags: nothing can be called a ghost; "
                    + "send requirements.cluster_name"
            )
        }
        if request.scans.isEmpty, items.contains(where: { $0.verdict.finding == .awaitingSecondScan }) {
            warnings.append("no earlier scan: send this answer's metadata.scan as requirements.previous_scan next time")
        }
        return warnings
    }

    private func risk(_ terminations: [Item]) -> JSONObject {
        [
            "terminations": .integer(Int64(terminations.count)),
            "instance_store_or_disks_lost": .bool(terminations.contains { !$0.verdict.instance.blockDevices.isEmpty }),
            "looks_like_ghosts": .integer(Int64(evaluation.lookingLikeGhosts)),
            "cluster_instances": .integer(Int64(evaluation.clusterMachines)),
            "max_ghost_share": .double(request.policy.largestGhostShare),
            "every_termination_needs_approval": true,
        ]
    }

    private var metadata: JSONObject {
        var counts = JSONObject()
        var totals: [GhostVerdict.Finding: Int] = [:]
        for index in evaluation.verdicts.indices { totals[evaluation.verdicts[index].finding, default: 0] += 1 }
        for finding in GhostVerdict.Finding.allCases {
            if let count = totals[finding] { counts[finding.rawValue] = .integer(Int64(count)) }
        }
        let missing = Set((items + stopped).flatMap(\.cost.missing)).sorted()
        return [
            "status": .string(evaluation.isSuspicious ? "suspicious_input" : "ok"),
            "suspicions": .array(evaluation.suspicions.map { .string($0.rawValue) }),
            "region": .string(market.region),
            "cluster": .optional(evaluation.cluster),
            "cluster_inferred_from_nodes": .bool(evaluation.clusterIsInferred),
            "instances": .integer(Int64(request.instances.count)),
            "instances_matched_to_nodes": .integer(Int64(evaluation.matched)),
            "node_entries": .integer(Int64(request.roster.count)),
            "node_entries_skipped": .integer(Int64(request.roster.skipped)),
            "by_finding": .object(counts),
            "potential_savings_after_asg_fix": .rounded(groups.reduce(0) { $0 + $1.cost.monthly }, 2),
            "stopped": stoppedJSON,
            "scan": scan,
            "missing_prices": .array(missing.prefix(Self.listed).map { .string($0) }),
            "missing_prices_total": .integer(Int64(missing.count)),
            "hours_per_month": .integer(Int64(InstanceTariff.hoursPerMonth)),
            "currency": "USD",
            "assumed": .array(request.assumed.map { .string($0) }),
        ]
    }

    /// What a stopped machine costs goes on: reported, never part of the savings.
    private var stoppedJSON: JSONValue {
        [
            "count": .integer(Int64(stopped.count)),
            "monthly_cost": .rounded(stopped.reduce(0) { $0 + $1.cost.monthly }, 2),
            "instances": .array(
                stopped.prefix(Self.listed).map { item in
                    [
                        "instance_id": .string(item.verdict.instance.id),
                        "monthly_cost": .rounded(item.cost.monthly, 2),
                        "volumes": .array(
                            item.verdict.instance.blockDevices.map(\.volumeID).sorted().map { .string($0) }
                        ),
                    ]
                }
            ),
        ]
    }

    /// What the next call needs as `requirements.previous_scan`.
    ///
    /// Nothing after suspicious input: absence from a doubtful node list must not count as a first scan.
    private var scan: JSONValue {
        guard !evaluation.isSuspicious else { return .null }
        var missing: [JSONObject.Member] = []
        for verdict in evaluation.verdicts where verdict.isMissing {
            let since = verdict.missingSince ?? now
            missing.append(.init(key: verdict.instance.id, value: .string(since.description)))
        }
        // Ids are distinct and in order; setting them one by one would be quadratic.
        return ["scanned_at": .string(now.description), "missing": .object(JSONObject(distinct: missing))]
    }

    private var evidence: JSONObject {
        let members = evaluation.verdicts.map { verdict in
            JSONObject.Member(
                key: verdict.instance.id,
                value: [
                    "finding": .string(verdict.finding.rawValue),
                    "action": .string(verdict.action.rawValue),
                    "detail": .optional(verdict.detail),
                    "state": .string(verdict.instance.state.rawValue),
                    "launch_time": .optional(verdict.instance.launchTime?.description),
                    "missing_since": .optional(verdict.missingSince?.description),
                    "cluster_tags": .array(ClusterOwnership(verdict.instance.tags).names.map { .string($0) }),
                ]
            )
        }
        return ["instances": .object(JSONObject(distinct: members))]
    }
}
