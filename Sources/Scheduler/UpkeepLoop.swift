import Jobs
import Logging

/// The rhythm of what is slow and may be late: costs and the audit.
///
/// Over connections of its own, so that counting millions keeps no job waiting.
actor UpkeepLoop {
    /// An autoscaler asks every fifteen seconds or so.
    private static let pause: Duration = .seconds(5)
    private static let auditInterval: Duration = .seconds(60)
    /// An audit that takes long comes less often: one part in twenty of one connection's time.
    private static let auditShare = 20.0

    private let ledger: JobLedger
    private let logger: Logger
    private var nextAudit = ContinuousClock.now

    init(ledger: JobLedger, logger: Logger) {
        self.ledger = ledger
        self.logger = logger
    }

    func step() async throws -> Duration {
        try await ledger.rememberCosts()
        if ContinuousClock.now >= nextAudit {
            try await audit()
        }
        return Self.pause
    }

    private func audit() async throws {
        let report = try await ledger.auditAndKeep()
        let pause = max(Self.auditInterval, .seconds((report?.seconds ?? 0) * Self.auditShare))
        nextAudit = .now + pause
        guard let report, !report.isBalanced else { return }
        logger.error(
            "the audit does not balance; run 'cloudoptim audit --all'",
            metadata: ["difference": "\(report.difference)", "twice": "\(report.twice.count)"]
        )
    }
}
