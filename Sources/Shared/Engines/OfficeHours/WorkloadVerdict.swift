import Contract

/// What is to become of one workload now, and whether its hours are ours to manage at all.
struct WorkloadVerdict: Sendable {
    enum Finding: String, Sendable, CaseIterable {
        // Not ours
        case systemNamespace = "system_namespace"
        case daemonSet = "daemon_set"
        case job
        case jobRunning = "job_running"
        case ownedByController = "owned_by_controller"
        case excluded
        case noSchedule = "no_schedule"
        case scheduleUnusable = "schedule_unusable"
        case production
        case environmentMissing = "environment_missing"
        case namespaceUnreadable = "namespace_unreadable"
        case claimsDeleted = "claims_deleted_when_scaled"
        case cronJobsKept = "cron_jobs_not_scheduled"
        case replicasUnknown = "replicas_unknown"
        case terminating
        // Ours, but nothing to do now
        case excludedUntil = "excluded_until"
        case forcedUp = "force_uptime"
        case undetermined = "schedule_undetermined"
        case alreadyDown = "already_down"
        case alreadyUp = "already_up"
        case withinGrace = "within_grace"
        case hysteresis
        case startsAgainSoon = "starts_again_soon"
        case originalUnknown = "original_replicas_unknown"
        case changedByOthers = "changed_by_others"
        // Ours, and now
        case sleep = "outside_hours"
        case wake = "inside_hours"

        /// Whether the schedule governs the workload, now or later.
        var isManaged: Bool {
            switch self {
            case .systemNamespace, .daemonSet, .job, .jobRunning, .ownedByController, .excluded, .noSchedule,
                .scheduleUnusable, .production, .environmentMissing, .namespaceUnreadable, .claimsDeleted,
                .cronJobsKept, .replicasUnknown, .terminating:
                false
            default: true
            }
        }

        var isDue: Bool { self == .sleep || self == .wake }
    }

    /// A position in ``OfficeHoursEvaluation/entries``.
    var entry: Int
    var finding: Finding
    var detail: String?
    /// A position in the schedules.
    var schedule: Int?
    var source: OfficeHoursRequest.Source?
    /// What it is to have when it sleeps.
    var downReplicas: Int64 = 0
    /// What it is to have when it is awake; nothing when nobody remembers.
    var upReplicas: Int64?
    var flags: [String] = []
    var budgets: [String] = []

    /// When it sleeps nothing of it is left on a node.
    var leavesNodes: Bool { finding.isManaged && finding != .forcedUp && downReplicas == 0 }
}
