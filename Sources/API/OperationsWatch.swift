import Jobs
import Settings

/// The fleet's signal and the audit's verdict, read every two seconds at most, however many ask.
actor OperationsWatch {
    private static let validFor: Duration = .seconds(2)
    /// A reading that took long is kept for longer: asking takes a tenth of one connection's time at most.
    private static let share = 10

    struct Reading: Sendable {
        let signal: FleetSignal
        let counts: [QueueCount]
        let audit: AuditVerdict?
    }

    private let ledger: JobLedger
    private let objective: FleetSignal.Objective
    private var last: (reading: Reading, until: ContinuousClock.Instant)?
    private var running: Task<Reading, any Error>?

    init(ledger: JobLedger, objective: FleetSignal.Objective) {
        self.ledger = ledger
        self.objective = objective
    }

    /// - Throws: What the ledger throws; an old reading is not shown for a new one.
    func reading() async throws -> Reading {
        if let last, ContinuousClock.now < last.until { return last.reading }
        if let running { return try await running.value }
        let start = ContinuousClock.now
        let task = Task { try await read() }
        running = task
        defer { running = nil }
        let reading = try await task.value
        last = (reading, .now + max(Self.validFor, (ContinuousClock.now - start) * Self.share))
        return reading
    }

    private func read() async throws -> Reading {
        let counts = try await ledger.queueCounts()
        return Reading(
            signal: try await ledger.fleetSignal(objective, counts: counts),
            counts: counts,
            audit: try await ledger.latestAudit()
        )
    }
}

extension FleetSignal.Objective {
    /// As the settings state it.
    init(_ settings: QueueSettings) {
        self.init(
            critical: Double(settings.objective.critical),
            interactive: Double(settings.objective.interactive),
            batch: Double(settings.objective.batch),
            bulk: Double(settings.objective.bulk)
        )
    }
}
