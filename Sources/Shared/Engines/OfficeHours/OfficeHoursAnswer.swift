import Calendar
import Contract

/// Puts the answer together from what was found.
struct OfficeHoursAnswer {
    let request: OfficeHoursRequest
    let evaluation: OfficeHoursEvaluation
    let tariff: InstanceTariff
    let market: RegionMarket
    let now: Timestamp

    /// Nodes spelled out; counts cover all.
    private static let listed = 500

    var decision: Decision {
        let quality = quality
        let report = OfficeHoursReport(request: request, evaluation: evaluation, confidence: 0.9 * quality)
        return Decision(
            type: .schedule,
            recommendations: evaluation.verdicts.filter(\.finding.isManaged).map(report.item),
            confidence: 0.9 * quality,
            estimatedSavings: savings,
            plan: OfficeHoursPlan(request: request, evaluation: evaluation).steps,
            metadata: metadata,
            evidence: request.explains ? evidence : nil,
            riskAssessment: [
                "scaled_down_now": .integer(Int64(evaluation.verdicts.count { $0.finding == .sleep })),
                "nodes_released": .integer(Int64(evaluation.nodes.items.count)),
                "production_refused": .integer(Int64(evaluation.verdicts.count { $0.finding == .production })),
                "every_scale_down_needs_confirmation": true,
            ],
            usesFallback: evaluation.nodes.assumesOnDemand,
            dataQuality: quality,
            warnings: warnings,
            sources: sources,
            rejected: rejected,
            itemProblems: request.itemProblems,
            engineVersion: OfficeHours.version,
            snapshotID: market.snapshotID
        )
    }

    private var nodes: [NodeRelease.Item] { evaluation.nodes.items }
    private var savings: Double { nodes.reduce(0) { $0 + $1.monthly } }

    private var sources: [DataSource] { tariff.sources(of: Set(nodes.compactMap { $0.quote?.origin })) }

    private var rejected: Rejections {
        var rejected = Rejections()
        for verdict in evaluation.verdicts where !verdict.finding.isManaged {
            let workload = request.entries[verdict.entry].workload
            rejected.add(
                Rejection(
                    "\(workload.kind.rawValue)/\(workload.key)",
                    verdict.finding.rawValue,
                    detail: verdict.detail
                )
            )
        }
        for node in evaluation.nodes.blocked {
            rejected.add(Rejection("Node/\(node.node)", node.obstacle.rawValue, detail: node.detail))
        }
        return rejected
    }

    private var quality: Double {
        var quality = 1.0
        let unpriced = nodes.count { $0.quote == nil }
        if unpriced > 0 { quality *= 1 - 0.3 * Double(unpriced) / Double(nodes.count) }
        if request.cluster.nodes.isEmpty || request.cluster.pods.isEmpty { quality *= 0.8 }
        if evaluation.nodes.assumesOnDemand { quality *= 0.95 }
        let entries = request.entries.count + request.cluster.nodes.count + request.itemProblems.count
        if entries > 0 { quality *= 1 - 0.5 * Double(request.itemProblems.count) / Double(entries) }
        if sources.contains(where: \.isSample) { quality = min(quality, 0.5) }
        return quality
    }

    private var warnings: [String] {
        var warnings = request.warnings
        if request.schedules.isEmpty {
            warnings.append("no schedule: send requirements.schedule, or annotate workloads")
        }
        if request.cluster.nodes.isEmpty || request.cluster.pods.isEmpty, !request.entries.isEmpty {
            warnings.append("without nodes and pods no node can be said to come free: no savings are stated")
        }
        if let pod = evaluation.forcingPod { warnings.append("everything is kept up by the pod \(pod)") }
        for (flag, text) in Self.flagTexts {
            let count = evaluation.verdicts.count { $0.flags.contains(flag) }
            if count > 0 { warnings.append("\(count) workloads \(text)") }
        }
        return warnings
    }

    private static let flagTexts = [
        ("hpa_conflict", "have a HorizontalPodAutoscaler: it rests while they have no replicas and resumes with them"),
        ("keda_conflict", "are scaled by KEDA, which wakes them by itself unless its ScaledObject is paused"),
        ("below_hpa_minimum", "would sleep with fewer replicas than their autoscaler's minimum, which it will undo"),
    ]

    private var metadata: JSONObject {
        var counts = JSONObject()
        var totals: [WorkloadVerdict.Finding: Int] = [:]
        for index in evaluation.verdicts.indices { totals[evaluation.verdicts[index].finding, default: 0] += 1 }
        for finding in WorkloadVerdict.Finding.allCases {
            if let count = totals[finding] { counts[finding.rawValue] = .integer(Int64(count)) }
        }
        var zones = JSONObject()
        for name in request.clocks.zones.keys.sorted() {
            // The rules a zone had; a replay with others can tell.
            zones[name] = .string(String(UInt64(bitPattern: request.clocks.zones[name]?.fingerprint ?? 0), radix: 16))
        }
        let frame = evaluation.frame
        return [
            "region": .string(market.region),
            "timezone": .string(request.zone),
            "zone_rules": .object(zones),
            "next_transition": OfficeHoursReport.change(evaluation.next),
            "schedules": .array(evaluation.statuses.enumerated().map(schedule)),
            "override": request.override.map {
                ["state": .string($0.state.rawValue), "until": .string($0.until.description)]
            } ?? .null,
            "month": [
                "start": .string(Timestamp(seconds: frame.month.lowerBound).description),
                "end": .string(Timestamp(seconds: frame.month.upperBound).description),
                "hours": .rounded(Double(frame.month.upperBound - frame.month.lowerBound) / 3600, 4),
            ],
            "lead_minutes": .double(request.policy.leadMinutes),
            "hysteresis_minutes": .double(request.policy.hysteresisMinutes),
            "workloads": .integer(Int64(request.entries.count)),
            "by_finding": .object(counts),
            "nodes_released": .integer(Int64(nodes.count)),
            "released_nodes": .array(nodes.prefix(Self.listed).map(node)),
            "missing_prices": .array(Set(nodes.flatMap(\.missing)).sorted().map { .string($0) }),
            "hours_per_month": .integer(Int64(InstanceTariff.hoursPerMonth)),
            "currency": "USD",
            "assumed": .array(assumed.map { .string($0) }),
        ]
    }

    private var assumed: [String] {
        request.assumed + (evaluation.nodes.assumesOnDemand ? ["nodes without a capacity type are on-demand"] : [])
    }

    private func schedule(_ index: Int, _ status: ScheduleStatus) -> JSONValue {
        let month = evaluation.frame.month
        let hours = Double(month.upperBound - month.lowerBound - status.onInMonth.seconds) / 3600
        return [
            "index": .integer(Int64(index)),
            "syntax": .string(status.schedule.syntax.rawValue),
            "text": .string(status.schedule.text),
            "timezone": .string(status.schedule.zone),
            "state": .string(status.state.rawValue),
            "overridden": .bool(status.isOverridden),
            "next_transition": OfficeHoursReport.change(status.next),
            "off_fraction_of_week": .rounded(status.weekOffFraction, 6),
            "off_hours_of_month_for_nodes": .rounded(hours, 4),
            "off_fraction_of_month_for_nodes": .rounded(
                hours * 3600 / Double(max(1, month.upperBound - month.lowerBound)),
                6
            ),
        ]
    }

    private func node(_ item: NodeRelease.Item) -> JSONValue {
        [
            "node": .string(item.node.name),
            "instance_type": .optional(item.node.instanceType),
            "capacity_type": .string(item.node.capacityType.rawValue),
            "hourly_price": item.quote.map { .rounded($0.hourly, 6) } ?? .null,
            "price_origin": .optional(item.quote?.origin.rawValue),
            "off_fraction": .rounded(item.offFraction, 6),
            "monthly_savings": item.quote == nil ? .null : .rounded(item.monthly, 4),
            "off_now": .bool(item.isOffNow),
            "schedules": .array(item.schedules.map { .integer(Int64($0)) }),
        ]
    }

    private var evidence: JSONObject {
        let members = evaluation.verdicts.map { verdict in
            let workload = request.entries[verdict.entry].workload
            let value: JSONValue = [
                "finding": .string(verdict.finding.rawValue), "detail": .optional(verdict.detail),
                "schedule": verdict.schedule.map { .integer(Int64($0)) } ?? .null,
            ]
            return JSONObject.Member(key: "\(workload.kind.rawValue)/\(workload.key)", value: value)
        }
        let blocked = evaluation.nodes.blocked.map { node in
            JSONObject.Member(
                key: node.node,
                value: ["obstacle": .string(node.obstacle.rawValue), "detail": .optional(node.detail)]
            )
        }
        return [
            "workloads": .object(JSONObject(distinct: members)),
            "blocked_nodes": .object(JSONObject(distinct: blocked)),
        ]
    }
}
