import Contract

/// Turns node recommendations into items of a reply.
struct NodeReport {
    let policy: RightsizePolicy

    func item(_ found: NodeRecommendation) -> JSONValue {
        let spec = found.choice.spec
        let delta = found.monthlyDelta(policy)
        let saving = found.action == .downsize ? max(0, -(delta ?? 0)) : 0
        let present = found.currentPrice?.hourly
        var item: JSONObject = [
            "level": "node",
            "node_name": .string(found.node.name),
            "action": .string(found.action.rawValue),
            "current_instance_type": .optional(found.node.instanceType),
            "current_cpu": Self.number(found.size.cpu),
            "current_memory": Self.number(found.size.memoryGB),
            "current_monthly_cost": money(present),
            "instance_type": .string(spec.name),
            "recommended_instance_type": .string(spec.name),
            "recommended_cpu": .integer(Int64(found.merge.cpu)),
            "recommended_memory": .integer(Int64(found.merge.memory)),
            "recommended_monthly_cost": money(found.choice.price.hourly),
            "node_count": 1,
            "hourly_price": .rounded(found.choice.price.hourly, 6),
            "monthly_cost": money(found.choice.price.hourly),
            "monthly_savings": .rounded(saving, 2),
            "monthly_cost_delta": delta.map { .rounded($0, 2) } ?? .null,
            "savings_percentage": present.map { .rounded(saving / ($0 * policy.hoursPerMonth), 4) } ?? .null,
            "reason": .string(reason(found.measure)),
            "method": .string(found.merge.method.rawValue),
            "confidence": .rounded(found.merge.confidence, 4),
            "confidence_score": .rounded(found.merge.confidence, 4),
            "ml_validated": .bool(found.merge.isValidated),
            "requires_review": .bool(found.merge.requiresReview),
            "report_only": .bool(!found.holds.isEmpty),
            "holds": .array(found.holds.map { .string($0) }),
            "requires_confirmation": true,
            "category": .string(spec.family),
        ]
        if found.merge.requiresReview {
            item["review_reason"] = "the forecast and the rule diverge by more than 30 %"
            item["ml_alternative"] = found.forecast?.json ?? .null
        }
        item["availability_zone"] = .optional(found.node.zone)
        item["capacity_type"] = .string(found.node.capacityType.rawValue)
        item["price_origin"] = .string(found.choice.price.origin.rawValue)
        item["allocatable"] = [
            "cpu_millicores": .integer(Int64(spec.allocatableMillicores)),
            "memory_mib": .integer(Int64(spec.allocatableMiB)), "pods": .integer(Int64(spec.maximumPods)),
            "estimated": .bool(spec.isEstimated),
        ]
        item["usage"] = usage(found.measure)
        item["required"] = required(found.demand)
        item["rejected_types"] = Self.counts(found.shortages)
        item["rollback"] = .optional(found.node.instanceType.map { "launch \($0) and move the pods back" })
        return .object(item)
    }

    private func reason(_ measure: NodeMeasure) -> String {
        "CPU usage \(Self.percent(measure.cpuPercent))%, Memory usage \(Self.percent(measure.memoryPercent))%"
    }

    private static func percent(_ value: Double) -> String { "\(JSONValue.rounded(min(value, 1e6), 1).number ?? 0)" }

    private func usage(_ measure: NodeMeasure) -> JSONValue {
        var usage: JSONObject = [
            "source": .string(measure.source.rawValue),
            "cpu_p95_percent": .rounded(measure.cpuPercent, 2),
            "memory_p95_percent": .rounded(measure.memoryPercent, 2),
            "cpu_peak_millicores": .rounded(measure.peakMillicores, 0),
            "memory_peak_mib": .rounded(measure.peakBytes / 1_048_576, 0),
            "cpu_average_millicores": measure.averageMillicores.map { .rounded($0, 0) } ?? .null,
            "points": .integer(Int64(measure.points)),
        ]
        usage["days"] = (measure.coverage?.days ?? measure.days).map { .rounded($0, 3) } ?? .null
        usage["coverage"] = measure.coverage.map { .rounded($0.share, 4) } ?? .null
        return .object(usage)
    }

    private func required(_ demand: NodeDemand) -> JSONValue {
        [
            "vcpus": .integer(Int64(demand.vcpus)), "memory_mib": .integer(Int64(demand.memoryMiB)),
            "allocatable_cpu_millicores": .integer(Int64(demand.millicores)),
            "allocatable_memory_mib": .integer(Int64(demand.usableMiB)), "pods": .integer(Int64(demand.pods)),
            "gpus": .integer(Int64(demand.gpus)),
            "architectures": .array(demand.architectures.sorted().map { .string($0.rawValue) }),
            "local_disk": .bool(demand.needsLocalDisk),
        ]
    }

    static func counts(_ counts: [String: Int]) -> JSONValue {
        var object = JSONObject()
        for (reason, count) in counts.sorted(by: { $0.key < $1.key }) { object[reason] = .integer(Int64(count)) }
        return .object(object)
    }

    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .rounded(value, 3)
    }

    private func money(_ hourly: Double?) -> JSONValue {
        hourly.map { .rounded($0 * policy.hoursPerMonth, 2) } ?? .null
    }
}
