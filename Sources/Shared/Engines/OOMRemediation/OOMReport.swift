import Contract

/// Turns cases into items of a reply.
struct OOMReport {
    let policy: OOMPolicy

    func item(_ found: OOMCase) -> JSONValue {
        let key = found.key
        var item: JSONObject = [
            "deployment": .string(key.ownerName),
            "namespace": .string(key.namespace),
            "owner_kind": .string(key.ownerKind),
            "owner_name": .string(key.ownerName),
            "container": .string(key.container),
            "kind": .string(found.kind.rawValue),
            "action": .string(found.action.rawValue),
            "current_memory_mb": Self.mebibytes(found.limit),
            "recommended_memory_mb": Self.mebibytes(found.newLimit),
            "current_request_mb": Self.mebibytes(found.request),
            "recommended_request_mb": Self.mebibytes(found.newRequest),
            "original_memory_mb": Self.mebibytes(found.originalLimit),
            "current_limit_bytes": Self.number(found.limit),
            "recommended_limit_bytes": Self.number(found.newLimit),
            "recommended_request_bytes": Self.number(found.newRequest),
            "oomkilled_count": .integer(found.kills),
            "reason": .string(reason(found)),
            "review_reasons": .array(found.reviews.map { .string($0) }),
            "hints": .array(found.hints.map { .string($0) }),
            "confidence": .rounded(found.confidence, 4),
            "confidence_score": .rounded(found.confidence, 4),
            "replicas": .integer(found.replicas),
            "cost_delta": found.costDelta.map { .rounded($0, 2) } ?? .null,
            "monthly_savings": found.costDelta.map { .rounded(-$0, 2) } ?? .null,
            "patch": found.patch.json,
            "patch_yaml": found.patch.yaml,
            "patch_obstacle": .optional(found.patch.obstacle),
            "resources": .object(found.patch.resources),
            "requires_confirmation": true,
        ]
        item["probable_leak"] = .bool(found.reviews.contains("probable_leak"))
        item["guaranteed"] = .bool(found.isGuaranteed)
        item["init_container"] = .bool(found.isInit)
        item["proposed_instance_type"] = .optional(found.proposedType)
        item["history"] = .array(found.events.suffix(20).map(event))
        item["rollback"] = ["resources": rollback(found)]
        return .object(item)
    }

    private func reason(_ found: OOMCase) -> String {
        switch found.kind {
        case .containerLimit: "killed \(found.kills) times at its own memory limit"
        case .nodePressure: "killed for memory below its limit, or without one: the node ran short"
        case .evicted: "evicted because the node ran short of memory"
        case .systemOOM: "killed while the whole node was out of memory"
        case .unknown137: "ended with 137 for an unknown reason"
        }
    }

    /// One case with every figure its target came from.
    func evidence(_ found: OOMCase) -> JSONValue {
        [
            "container": .string(found.key.text),
            "before": ["limit_bytes": Self.number(found.limit), "request_bytes": Self.number(found.request)],
            "after": ["limit_bytes": Self.number(found.newLimit), "request_bytes": Self.number(found.newRequest)],
            "base_bytes": Self.number(found.target?.base),
            "cap_bytes": Self.number(found.target?.cap),
            "original_limit_bytes": Self.number(found.originalLimit),
            "used_p95_bytes": found.used95.map { .rounded($0, 0) } ?? .null,
            "peak_bytes": Self.number(found.peak),
            "rising_lives": .integer(Int64(found.risingLives)),
            "rules": .array(found.reviews.map { .string($0) }),
            "events": .array(found.events.map(event)),
        ]
    }

    private func event(_ event: OOMEvent) -> JSONValue {
        [
            "kind": .string(event.kind.rawValue), "source": .string(event.source.rawValue),
            "pod": .string(event.pod), "node": .optional(event.node),
            "finished_at": .optional(event.finishedAt?.description),
            "exit_code": event.exitCode.map { .integer($0) } ?? .null,
            "restart_count": event.restartCount.map { .integer($0) } ?? .null, "count": .integer(event.count),
        ]
    }

    /// Puts back every value that the patch touches.
    private func rollback(_ found: OOMCase) -> JSONValue {
        var patch = found.patch
        if patch.memoryLimit != .keep { patch.memoryLimit = found.limit.map { .set($0) } ?? .remove }
        if patch.memoryRequest != .keep {
            patch.memoryRequest = found.container?.requests.memory.map { .set($0) } ?? .remove
        }
        return .object(patch.resources)
    }

    /// Whole MiB as they are, others with two decimals.
    private static func mebibytes(_ bytes: Int64?) -> JSONValue {
        guard let bytes else { return .null }
        return bytes % .mebibyte == 0 ? .integer(bytes / .mebibyte) : .rounded(Double(bytes) / 1_048_576, 2)
    }

    private static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
}
