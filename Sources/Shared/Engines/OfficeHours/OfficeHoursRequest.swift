import Contract

/// What a caller asks the scheduler, checked: workloads, and when each is to run.
struct OfficeHoursRequest: Sendable {
    struct Policy: Sendable, Hashable {
        /// Nodes start so long before the hours.
        var leadMinutes = 15.0
        /// Nothing is put to sleep for less than this, nor within this time of its last change.
        var hysteresisMinutes = 15.0
        /// A new workload is left alone so long.
        var graceSeconds = 900.0
        /// What a sleeping workload is scaled to.
        var downtimeReplicas: Int64 = 0
    }

    /// A human's word that goes before every schedule, for a time.
    struct Override: Sendable, Hashable {
        var state: UptimeSchedule.State
        var until: Timestamp
    }

    /// Where a workload's schedule comes from; the first that has one counts.
    enum Source: String, Sendable {
        case object, namespace
        case requirements = "default"
    }

    /// What the reading found about a workload's schedule.
    enum Assignment: Sendable {
        /// A position in ``OfficeHoursRequest/schedules``.
        case schedule(Int, Source)
        /// There is one, but it cannot be used.
        case unusable(String)
        case none
    }

    struct Entry: Sendable {
        var workload: Workload
        var assignment: Assignment
        /// As the request or an annotation remembers it.
        var originalReplicas: Int64?
        /// An annotation that keeps it up or out, as `key=value`.
        var exclusion: String?
        var excludedUntil: Timestamp?
        var forcedUp = false
        var downtimeReplicas: Int64?
        /// When it was last scaled by a schedule, as the request says.
        var lastChange: Timestamp?
    }

    var region = ""
    var regionField: String?
    var policy = Policy()
    var schedules: [UptimeSchedule] = []
    var clocks = ZoneClocks()
    /// Whose months and weeks count.
    var zone = "UTC"
    var cluster = ClusterState()
    var entries: [Entry] = []
    /// Of everything, as the request says.
    var environment: String?
    var clusterNames: [String] = []
    var excludedNamespaces: Set<String> = OfficeHoursRequest.systemNamespaces
    var override: Override?
    var itemProblems: [ItemProblem] = []
    var warnings: [String] = []
    var assumed: [String] = []
    var explains = false

    static let systemNamespaces: Set<String> = ["kube-system", "kube-public", "kube-node-lease"]
}
