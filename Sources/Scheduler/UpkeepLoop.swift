import CustomEngines
import Decisions
import Jobs
import Logging
import Pricing

/// The rhythm of what is slow and may be late: costs, the audit, retention.
///
/// Over connections of its own, so that counting millions keeps no job waiting.
actor UpkeepLoop {
    /// An autoscaler asks every fifteen seconds or so.
    private static let pause: Duration = .seconds(5)
    private static let auditInterval: Duration = .seconds(60)
    /// An audit that takes long comes less often: one part in twenty of one connection's time.
    private static let auditShare = 20.0
    private static let retentionInterval: Duration = .seconds(600)

    private let ledger: JobLedger
    private let retention: Retention
    private let archive: DecisionArchive
    private let engines: EngineStore
    private let prices: PriceStore
    private let priceRetentionDays: Int
    private let logger: Logger
    private var nextAudit = ContinuousClock.now
    private var nextRetention = ContinuousClock.now

    init(
        ledger: JobLedger,
        archive: DecisionArchive,
        engines: EngineStore,
        prices: PriceStore,
        priceRetentionDays: Int,
        retentionDays: Int,
        logger: Logger
    ) {
        self.ledger = ledger
        self.archive = archive
        self.engines = engines
        self.prices = prices
        self.priceRetentionDays = priceRetentionDays
        self.logger = logger
        retention = Retention(ledger: ledger, days: retentionDays)
    }

    func step() async throws -> Duration {
        try await ledger.rememberCosts()
        if ContinuousClock.now >= nextAudit {
            try await audit()
        }
        if ContinuousClock.now >= nextRetention {
            try await expire()
            nextRetention = .now + Self.retentionInterval
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

    private func expire() async throws {
        let inputs = try await archive.sweep()
        if !inputs.isEmpty { logger.notice("dropped inputs of decisions", metadata: ["days": "\(inputs.count)"]) }
        try await engines.sweepDifferences()
        try await keepPrices()
        let expired = try await retention.sweep()
        guard !expired.days.isEmpty || expired.attempts > 0 else { return }
        logger.notice(
            "dropped what is past retention",
            metadata: [
                "days": "\(expired.days.count)", "jobs": "\(expired.jobs)", "attempts": "\(expired.attempts)",
                "kept_days": "\(expired.kept.count)",
            ]
        )
    }

    private func keepPrices() async throws {
        let done = try await prices.keepUp(days: priceRetentionDays)
        guard !done.isNothing else { return }
        logger.notice(
            "kept the price tables",
            metadata: [
                "made": "\(done.made)", "dropped": "\(done.dropped.joined(separator: " "))",
                "deleted": "\(done.deleted)",
            ]
        )
    }
}
