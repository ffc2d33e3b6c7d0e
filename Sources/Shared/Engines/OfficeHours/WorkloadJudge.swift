import Contract

/// Judges workloads by rules in a fixed order: the first that applies decides.
struct WorkloadJudge {
    let request: OfficeHoursRequest
    let statuses: [ScheduleStatus]
    let conflicts: ScalingConflicts
    let now: Timestamp
    /// A running pod that keeps everything up.
    let forcingPod: String?
    private let namespaces: [String: NamespaceFacts]
    private let clusterIsProduction: Bool

    /// Namespaces whose objects could not be read: they may be production, or excluded.
    ///
    /// An empty name means any.
    private let doubtfulNamespaces: Set<String>

    private struct NamespaceFacts: Sendable {
        var environment: String?
        var isProduction: Bool
        var exclusion: String?
    }

    typealias Finding = WorkloadVerdict.Finding

    init(_ request: OfficeHoursRequest, _ statuses: [ScheduleStatus], now: Timestamp) {
        self.request = request
        self.statuses = statuses
        self.now = now
        conflicts = ScalingConflicts(request.cluster)
        forcingPod = Self.forcingPod(request.cluster.pods)
        let names = Set(request.entries.map(\.workload.meta.namespace))
        let known = Dictionary(request.cluster.namespaces.map { ($0.name, $0) }) { first, _ in first }
        namespaces = names.reduce(into: [:]) { $0[$1] = Self.facts($1, known[$1]) }
        let doubtful = request.cluster.unreadable.filter { $0.kind == "Namespace" }.map(\.name)
        doubtfulNamespaces = Set(doubtful + (request.cluster.isMostlyUnreadable ? [""] : []))
        clusterIsProduction =
            (request.clusterNames + [request.environment].compactMap { $0 })
            .contains(where: EnvironmentGuard.isProduction)
    }

    private static func facts(_ name: String, _ namespace: NamespaceObject?) -> NamespaceFacts {
        let meta = namespace?.meta
        let environment =
            meta.flatMap {
                EnvironmentGuard.environment(in: $0.labels) ?? EnvironmentGuard.environment(in: $0.annotations)
            }
        return NamespaceFacts(
            environment: environment,
            isProduction: EnvironmentGuard.isProduction(name)
                || environment.map(EnvironmentGuard.isProduction) ?? false,
            exclusion: meta.flatMap { DownscalerMarks.exclusion($0.annotations) }
        )
    }

    private static func forcingPod(_ pods: [Pod]) -> String? {
        pods.filter { !$0.isTerminal && DownscalerMarks.forcesUptime($0.meta.annotations) }
            .map(\.key.description).min()
    }

    func verdict(_ position: Int, _ entry: OfficeHoursRequest.Entry) -> WorkloadVerdict {
        var verdict = WorkloadVerdict(entry: position, finding: .noSchedule)
        if let (finding, detail) = untouchable(entry) ?? unscheduled(entry, &verdict) ?? unsafe(entry) {
            verdict.finding = finding
            verdict.detail = detail
            return verdict
        }
        guard let index = verdict.schedule else { return verdict }
        verdict.downReplicas = entry.downtimeReplicas ?? request.policy.downtimeReplicas
        verdict.upReplicas = upReplicas(entry, verdict.downReplicas)
        verdict.flags = conflicts.flags(entry.workload, downReplicas: verdict.downReplicas)
        verdict.budgets = conflicts.budgets(of: entry.workload)
        (verdict.finding, verdict.detail) = due(entry, verdict, statuses[index])
        return verdict
    }

    typealias Ruling = (Finding, String?)

    private func untouchable(_ entry: OfficeHoursRequest.Entry) -> Ruling? {
        let workload = entry.workload
        if request.excludedNamespaces.contains(workload.meta.namespace) {
            return (.systemNamespace, workload.meta.namespace)
        }
        switch workload.kind {
        case .daemonSet: return (.daemonSet, nil)
        case .job: return ((workload.status.active ?? 0) > 0 ? .jobRunning : .job, nil)
        default: break
        }
        if workload.meta.isTerminating { return (.terminating, nil) }
        if let owner = workload.owner { return (.ownedByController, "\(owner.kind)/\(owner.name)") }
        return nil
    }

    private func unscheduled(_ entry: OfficeHoursRequest.Entry, _ verdict: inout WorkloadVerdict) -> Ruling? {
        // What was put to sleep before it was excluded is woken all the same, as kube-downscaler does.
        let exclusion = entry.exclusion ?? namespaces[entry.workload.meta.namespace]?.exclusion
        if let exclusion, entry.originalReplicas == nil { return (.excluded, exclusion) }
        switch entry.assignment {
        case .none: return (.noSchedule, nil)
        case .unusable(let why): return (.scheduleUnusable, why)
        case .schedule(let index, let source):
            let schedule = request.schedules[index]
            if schedule.exceptions.contains(where: { $0.covers(entry.workload) }) { return (.excluded, "excludeRef") }
            if entry.workload.kind == .cronJob, !schedule.suspendsCronJobs { return (.cronJobsKept, nil) }
            verdict.schedule = index
            verdict.source = source
            return nil
        }
    }

    /// Production, or what may be it, is never touched; nor is a set whose data would go with its replicas.
    private func unsafe(_ entry: OfficeHoursRequest.Entry) -> Ruling? {
        let workload = entry.workload
        let space = namespaces[workload.meta.namespace]
        let own =
            EnvironmentGuard.environment(in: workload.meta.labels)
            ?? EnvironmentGuard.environment(in: workload.templateLabels)
            ?? EnvironmentGuard.environment(in: workload.meta.annotations)
            ?? workload.flat["environment"]?.string ?? workload.flat["env"]?.string
        if clusterIsProduction { return (.production, "cluster") }
        if space?.isProduction == true { return (.production, "namespace") }
        if let own, EnvironmentGuard.isProduction(own) { return (.production, own) }
        if EnvironmentGuard.isProduction(workload.meta.name) { return (.production, workload.meta.name) }
        if doubtfulNamespaces.contains(workload.meta.namespace) || doubtfulNamespaces.contains("") {
            return (.namespaceUnreadable, workload.meta.namespace)
        }
        if own == nil, space?.environment == nil, request.environment == nil { return (.environmentMissing, nil) }
        if workload.kind == .statefulSet, workload.whenScaled == .delete, !workload.volumeClaimTemplates.isEmpty {
            return (.claimsDeleted, "persistentVolumeClaimRetentionPolicy.whenScaled: Delete")
        }
        if workload.kind != .cronJob, workload.replicas == nil { return (.replicasUnknown, nil) }
        return nil
    }

    private func upReplicas(_ entry: OfficeHoursRequest.Entry, _ down: Int64) -> Int64? {
        guard entry.workload.kind != .cronJob else { return nil }
        if let original = entry.originalReplicas { return original > down ? original : nil }
        return entry.workload.replicas.flatMap { $0 > down ? $0 : nil }
    }

    private func due(
        _ entry: OfficeHoursRequest.Entry,
        _ verdict: WorkloadVerdict,
        _ status: ScheduleStatus
    ) -> Ruling {
        if let until = entry.excludedUntil, until > now { return (.excludedUntil, until.description) }
        let isExcluded = entry.exclusion != nil || namespaces[entry.workload.meta.namespace]?.exclusion != nil
        let isForced = entry.forcedUp || forcingPod != nil || isExcluded
        switch isForced ? .on : status.state {
        case .undetermined: return (.undetermined, nil)
        case .on:
            let ruling = wake(entry, verdict)
            return isForced && ruling.0 != .wake ? (.forcedUp, forcingPod) : ruling
        case .off: return sleep(entry, verdict, status)
        }
    }

    private func sleep(
        _ entry: OfficeHoursRequest.Entry,
        _ verdict: WorkloadVerdict,
        _ status: ScheduleStatus
    ) -> Ruling {
        let workload = entry.workload
        if workload.kind == .cronJob {
            if workload.suspend { return (.alreadyDown, nil) }
        } else if (workload.replicas ?? 0) <= verdict.downReplicas {
            return (.alreadyDown, nil)
        }
        if let created = workload.meta.createdAt, now.hours(since: created) * 3600 < request.policy.graceSeconds {
            return (.withinGrace, created.description)
        }
        if let last = entry.lastChange, isRecent(last) { return (.hysteresis, last.description) }
        if let next = status.next, next.state == .on,
            Double(next.at) - now.secondsSinceEpoch < request.policy.hysteresisMinutes * 60
        {
            return (.startsAgainSoon, Timestamp(seconds: next.at).description)
        }
        return (.sleep, nil)
    }

    private func wake(_ entry: OfficeHoursRequest.Entry, _ verdict: WorkloadVerdict) -> Ruling {
        let workload = entry.workload
        if workload.kind == .cronJob {
            guard workload.suspend else { return (.alreadyUp, nil) }
            // Suspended by somebody else it stays so: only a memory of ours wakes it.
            return entry.originalReplicas == nil ? (.originalUnknown, nil) : (.wake, nil)
        }
        let current = workload.replicas ?? 0
        guard current <= verdict.downReplicas || entry.originalReplicas != nil else { return (.alreadyUp, nil) }
        guard let original = entry.originalReplicas else {
            return current > 0 ? (.alreadyUp, nil) : (.originalUnknown, nil)
        }
        if current >= original { return (.alreadyUp, nil) }
        // Restored only from where we left it: any other number is somebody's decision.
        guard current == verdict.downReplicas else { return (.changedByOthers, "\(current) replicas") }
        if let last = entry.lastChange, isRecent(last) { return (.hysteresis, last.description) }
        return (.wake, nil)
    }

    private func isRecent(_ time: Timestamp) -> Bool {
        time <= now && now.hours(since: time) * 60 < request.policy.hysteresisMinutes
    }
}
