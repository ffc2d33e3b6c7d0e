import Contract

/// Turns container recommendations into items of a reply.
struct ContainerReport {
    let evaluation: RightsizeEvaluation

    func item(_ found: ContainerRecommendation) -> JSONValue {
        let key = found.unit.key
        let freed = found.freed
        var item: JSONObject = [
            "level": "container",
            "namespace": .string(key.namespace),
            "owner_kind": .string(key.ownerKind),
            "owner_name": .string(key.ownerName),
            "container": .string(key.container),
            "action": .string(found.sizing.action.rawValue),
            "replicas": .integer(found.unit.replicas),
            "current": found.current.json,
            "recommended": recommended(found.sizing),
            "recommended_cpu_millicores": Self.number(found.sizing.cpuRequest),
            "recommended_memory_bytes": Self.number(found.sizing.memoryRequest),
            "rules": .array(found.sizing.rules.map { .string($0) }),
            "report_only": .array(found.reportOnly.map { .string($0) }),
            "holds": .array(found.holds.map { .string($0) }),
            "evidence": Self.evidence(found.evidence),
            "confidence": .rounded(found.confidence, 4),
            "confidence_score": .rounded(found.confidence, 4),
            "freed_cpu_millicores": .integer(freed.millicores),
            "freed_memory_bytes": .integer(freed.bytes),
            "monthly_savings": 0.0,
            "monthly_savings_once_repacked": evaluation.reclaimable(freed).map { .rounded($0, 2) } ?? .null,
            "patch": found.patch.json,
            "patch_yaml": found.patch.yaml,
            "patch_obstacle": .optional(found.patch.obstacle),
            "resources": .object(found.patch.resources),
            "requires_confirmation": true,
            "rollback": ["resources": rollback(found)],
        ]
        if let vpa = found.vpa { item["vpa"] = Self.vpa(vpa) }
        if let jvm = found.jvm { item["hint"] = .string(hint(jvm, found)) }
        return .object(item)
    }

    private func recommended(_ sizing: ContainerSizing) -> JSONValue {
        [
            "cpu_request_millicores": Self.number(sizing.cpuRequest),
            "cpu_limit": Self.change(sizing.cpuLimit),
            "memory_request_bytes": Self.number(sizing.memoryRequest),
            "memory_limit": Self.change(sizing.memoryLimit),
        ]
    }

    /// Puts back every value that the patch touches.
    private func rollback(_ found: ContainerRecommendation) -> JSONValue {
        func back(_ change: ResourcePatch.Change, _ value: Int64?) -> ResourcePatch.Change {
            change == .keep ? .keep : value.map { .set($0) } ?? .remove
        }
        var patch = found.patch
        patch.cpuRequest = back(patch.cpuRequest, found.current.cpuRequest)
        patch.cpuLimit = back(patch.cpuLimit, found.current.cpuLimit)
        patch.memoryRequest = back(patch.memoryRequest, found.current.memoryRequest)
        patch.memoryLimit = back(patch.memoryLimit, found.current.memoryLimit)
        return .object(patch.resources)
    }

    private func hint(_ jvm: JVMOptions, _ found: ContainerRecommendation) -> String {
        let kept = "a Java heap keeps what it took: memory was not lowered"
        guard let heap = jvm.maximumHeap, let request = found.sizing.memoryRequest,
            Double(heap) > 0.75 * Double(request)
        else { return kept }
        return kept + "; -Xmx is more than three quarters of the memory"
    }

    static func evidence(_ evidence: ContainerEvidence) -> JSONValue {
        func cores(_ value: Double?) -> JSONValue { value.map { .rounded($0 * 1000, 3) } ?? .null }
        func bytes(_ value: Double?) -> JSONValue { value.map { .rounded($0, 0) } ?? .null }
        return [
            "cpu_p50_millicores": cores(evidence.cpuMedian), "cpu_p95_millicores": cores(evidence.cpu95),
            "cpu_p99_millicores": cores(evidence.cpu99), "cpu_max_millicores": cores(evidence.cpuPeak),
            "memory_p50_bytes": bytes(evidence.memoryMedian), "memory_p95_bytes": bytes(evidence.memory95),
            "memory_max_bytes": bytes(evidence.memoryPeak),
            "cpu_throttled_share": evidence.throttled.map { .rounded($0, 4) } ?? .null,
            "cpu_points": .integer(Int64(evidence.cpuPoints)),
            "memory_points": .integer(Int64(evidence.memoryPoints)),
            "days": .rounded(evidence.coverage.days, 3), "coverage": .rounded(evidence.coverage.share, 4),
        ]
    }

    private static func vpa(_ vpa: VPARecommendation) -> JSONValue {
        func estimate(_ estimate: VPAEstimate) -> JSONValue {
            ["cpu_millicores": .integer(estimate.millicores), "memory_bytes": .integer(estimate.bytes)]
        }
        return [
            "target": estimate(vpa.target), "lower_bound": estimate(vpa.lowerBound),
            "upper_bound": estimate(vpa.upperBound), "confidence_days": .rounded(vpa.confidence, 4),
        ]
    }

    private static func change(_ change: ResourcePatch.Change) -> JSONValue {
        switch change {
        case .keep: "keep"
        case .remove: "none"
        case .set(let amount): .integer(amount)
        }
    }

    private static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
}
