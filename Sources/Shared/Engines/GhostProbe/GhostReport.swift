import Contract

/// Turns verdicts into the items of a reply.
struct GhostReport {
    let evaluation: GhostEvaluation
    let services: ServiceTariff
    let market: RegionMarket
    /// 0 to 1, of the whole answer.
    let confidence: Double

    func recommendation(_ item: GhostAnswer.Item) -> JSONValue {
        let verdict = item.verdict
        let instance = verdict.instance
        var json: JSONObject = [
            "instance_id": .string(instance.id),
            "action": .string(verdict.action.rawValue),
            "classification": .string(verdict.finding.rawValue),
            "reason": .string(Self.reason(verdict)),
            "instance_type": .string(instance.type),
            "region": .optional(instance.region),
            "availability_zone": .optional(instance.zone),
            "state": .string(instance.state.rawValue),
            "lifecycle": .string(instance.lifecycle.rawValue),
            "launch_time": .optional(instance.launchTime?.description),
            "age_hours": instance.launchTime.map { .rounded(evaluation.now.hours(since: $0), 2) } ?? .null,
            "missing_since": .optional(verdict.missingSince?.description),
            "cluster": .optional(evaluation.cluster),
        ]
        addPrices(item.cost, &json)
        json["auto_scaling_group"] = .optional(instance.autoScalingGroup)
        json["volumes_left_behind"] = .array(item.cost.leftBehind.map { .string($0) })
        json["flags"] = .array(Self.flags(instance).map { .string($0) })
        json["requires_approval"] = true
        json["confidence_score"] = .rounded(verdict.action == .terminate ? confidence : 0.5 * confidence, 4)
        return .object(json)
    }

    private func addPrices(_ cost: GhostCost, _ json: inout JSONObject) {
        json["hourly_price"] = cost.quote.map { .rounded($0.hourly, 6) } ?? .null
        json["monthly_savings"] = .rounded(cost.monthly, 2)
        json["savings_parts"] = [
            "instance": cost.quote.map { .rounded($0.hourly * InstanceTariff.hoursPerMonth, 4) } ?? .null,
            "volumes": .rounded(cost.volumes, 4),
            "public_ipv4": .rounded(cost.address, 4),
        ]
        json["price_source"] = [
            "origin": .optional(cost.quote?.origin.rawValue),
            "price_at": .optional(cost.quote?.at?.description),
            "services": .optional(cost.used.first.flatMap(services.origin)),
        ]
        json["missing_prices"] = .array(cost.missing.map { .string($0) })
    }

    private static func reason(_ verdict: GhostVerdict) -> String {
        switch verdict.finding {
        case .ghost: "runs with the cluster's tag, but has been no node of it in two scans"
        case .groupMember:
            "is no node, but belongs to the Auto Scaling group \(verdict.detail ?? ""): terminated, it would be replaced"
        case .terminationProtected: "is no node, but protected against termination: somebody wanted it to stay"
        case .sharedCluster: "is no node, but its tag says that the cluster shares it with others"
        case .booting: "may still be booting"
        case .launchUnknown: "has no usable launch time, so its age is not known"
        case .withinGrace: "is young enough to join yet"
        case .awaitingSecondScan: "has not been missing in two scans an hour apart yet"
        default: verdict.finding.rawValue
        }
    }

    private static func flags(_ instance: EC2Instance) -> [String] {
        [
            instance.bootsFromInstanceStore ? "instance_store_data_is_lost" : nil,
            instance.isSpot && instance.isPersistentSpotRequest != false ? "cancel_spot_request_first" : nil,
            instance.isTerminationProtected == nil ? "termination_protection_unknown" : nil,
        ].compactMap { $0 }
    }
}
