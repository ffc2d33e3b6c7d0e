import Calendar
import FoundationEssentials
import Jobs
import Logging
import Postgres

/// Fires what is due of the schedules.
actor ScheduleLoop {
    /// A fire is at most this late while few are due.
    private static let pause: Duration = .milliseconds(200)
    /// Schedules of one transaction; when more are due the next follows at once.
    private static let limit = 100
    /// How soon a new tzdata is noticed without a restart; zones are changed weeks ahead.
    private static let zoneInterval: Duration = .seconds(3600)

    private var store: ScheduleStore
    private let logger: Logger
    private var nextSettle = ContinuousClock.now
    private var nextZones = ContinuousClock.now
    /// What is wrong with schedules that cannot be fired, so that each is told once.
    private var problems: [UUID: String] = [:]

    init(store: ScheduleStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func step() async throws -> Duration {
        let now = ContinuousClock.now
        if now >= nextZones { try await readZones() }
        if now >= nextSettle {
            for name in try await store.settle() {
                logger.warning(
                    "schedule paused: too many of its jobs failed in a row",
                    metadata: ["schedule": "\(name)"]
                )
            }
            nextSettle = .now + .seconds(1)
        }
        let due = try await store.due(limit: Self.limit)
        guard !due.isEmpty else { return Self.pause }
        return try await fire(due) ? .zero : Self.pause
    }

    /// Whether anything was fired.
    ///
    /// A schedule that cannot be understood here keeps no other from firing.
    private func fire(_ due: [UUID]) async throws -> Bool {
        do {
            let report = try await store.fire(due)
            for (id, error) in report.problems { try await putOff(id, error.description) }
            for id in due where report.problems[id] == nil { problems[id] = nil }
            if report.hasFired {
                logger.debug(
                    "schedules fired",
                    metadata: ["jobs": "\(report.jobs.count)", "dropped": "\(report.dropped)"]
                )
            }
            return report.hasFired
        } catch let error as PostgresError where error.code == .server && !error.isRetryable {
            // The ledger refuses the job of one of them for good: the others go on without it.
            guard due.count > 1 else {
                try await putOff(due[0], error.description)
                return false
            }
            var hasFired = false
            for id in due where try await fire([id]) { hasFired = true }
            return hasFired
        }
    }

    private func putOff(_ id: UUID, _ problem: String) async throws {
        if problems.updateValue(problem, forKey: id) != problem {
            logger.error(
                "a schedule cannot be fired; it is tried again each minute",
                metadata: ["schedule": "\(id)", "error": "\(problem)"]
            )
        }
        try await store.postpone(id)
    }

    /// Reads the zone database anew, and has fires found again that its changes move.
    private func readZones() async throws {
        store = store.reading(ZoneDirectory())
        let moved = try await store.refreshHints()
        if moved > 0 {
            logger.notice("time zone rules have changed", metadata: ["schedules": "\(moved)"])
        }
        try await store.tidy()
        nextZones = .now + Self.zoneInterval
    }
}
