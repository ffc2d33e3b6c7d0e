import Contract

/// Turns verdicts into the items of a reply.
struct OfficeHoursReport {
    let request: OfficeHoursRequest
    let evaluation: OfficeHoursEvaluation
    /// 0 to 1, of the whole answer.
    let confidence: Double
    private let nextChanges: [JSONValue]

    init(request: OfficeHoursRequest, evaluation: OfficeHoursEvaluation, confidence: Double) {
        self.request = request
        self.evaluation = evaluation
        self.confidence = confidence
        nextChanges = evaluation.statuses.map { Self.change($0.next) }
    }

    /// A workload whose hours we manage: what is due now, and when something is due next.
    ///
    /// Members are listed, not inserted: ten thousand workloads are an ordinary cluster.
    func item(_ verdict: WorkloadVerdict) -> JSONValue {
        let entry = request.entries[verdict.entry]
        let workload = entry.workload
        let action = Self.action(verdict, workload.kind)
        let members: [JSONObject.Member] = [
            .init(key: "action", value: .string(action)),
            .init(key: "kind", value: .string(workload.kind.rawValue)),
            .init(key: "namespace", value: .string(workload.meta.namespace)),
            .init(key: "name", value: .string(workload.meta.name)),
            .init(key: "reason", value: .string(verdict.finding.rawValue)),
            .init(key: "detail", value: .optional(verdict.detail)),
            .init(key: "schedule", value: verdict.schedule.map { .integer(Int64($0)) } ?? .null),
            .init(key: "schedule_source", value: .optional(verdict.source?.rawValue)),
            .init(key: "current_replicas", value: Self.number(workload.kind == .cronJob ? nil : workload.replicas)),
            .init(key: "target_replicas", value: Self.number(target(verdict, workload))),
            .init(key: "original_replicas", value: Self.number(verdict.upReplicas)),
            .init(key: "next_transition", value: verdict.schedule.map { nextChanges[$0] } ?? .null),
            .init(key: "patch", value: patch(verdict, workload)),
            .init(key: "order", value: .integer(Int64(Self.wave(verdict, workload.kind)))),
            .init(key: "flags", value: .array(verdict.flags.map { .string($0) })),
            .init(key: "pod_disruption_budgets", value: .array(verdict.budgets.map { .string($0) })),
            .init(key: "requires_confirmation", value: .bool(verdict.finding == .sleep)),
            .init(key: "confidence_score", value: .rounded(confidence, 4)),
        ]
        return .object(JSONObject(distinct: members))
    }

    static func change(_ change: UptimeSchedule.Change?) -> JSONValue {
        guard let change else { return .null }
        return ["at": .string(Timestamp(seconds: change.at).description), "state": .string(change.state.rawValue)]
    }

    static func action(_ verdict: WorkloadVerdict, _ kind: Workload.Kind) -> String {
        switch verdict.finding {
        case .sleep: kind == .cronJob ? "suspend" : "scale_down"
        case .wake: kind == .cronJob ? "resume" : "scale_up"
        default: "hold"
        }
    }

    /// Going down, Deployments stop before the sets they depend on; coming up, the sets are first.
    static func wave(_ verdict: WorkloadVerdict, _ kind: Workload.Kind) -> Int {
        let down =
            switch kind {
            case .cronJob: 1
            case .statefulSet: 3
            default: 2
            }
        return verdict.finding == .wake ? 4 - down : down
    }

    private func target(_ verdict: WorkloadVerdict, _ workload: Workload) -> Int64? {
        guard workload.kind != .cronJob else { return nil }
        switch verdict.finding {
        case .sleep: return verdict.downReplicas
        case .wake: return verdict.upReplicas
        default: return workload.replicas
        }
    }

    /// The merge patch that carries the action out and remembers what it takes to undo it.
    private func patch(_ verdict: WorkloadVerdict, _ workload: Workload) -> JSONValue {
        let isCronJob = workload.kind == .cronJob
        let memory: JSONValue
        let spec: JSONValue
        switch verdict.finding {
        case .sleep:
            memory = .string(isCronJob ? "1" : String(workload.replicas ?? 0))
            spec = isCronJob ? ["suspend": true] : ["replicas": .integer(verdict.downReplicas)]
        case .wake:
            memory = .null
            spec = isCronJob ? ["suspend": false] : ["replicas": Self.number(verdict.upReplicas)]
        default: return .null
        }
        var annotations: JSONObject = ["downscaler/original-replicas": memory]
        // KEDA holds still only when it is told so; the object to annotate is its own.
        if verdict.flags.contains("keda_conflict") {
            annotations["autoscaling.keda.sh/paused-replicas"] =
                verdict.finding == .sleep ? .string(String(verdict.downReplicas)) : .null
        }
        return ["metadata": ["annotations": .object(annotations)], "spec": spec]
    }

    private static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
}
