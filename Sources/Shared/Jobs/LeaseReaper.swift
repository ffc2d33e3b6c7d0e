package import Logging
import Postgres

/// Takes jobs back from workers that went silent, except right after the ledger itself was away.
package struct LeaseReaper {
    private let ledger: JobLedger
    private let logger: Logger
    private var gate = ReapGate()

    package init(ledger: JobLedger, logger: Logger) {
        self.ledger = ledger
        self.logger = logger
    }

    /// One sweep; to be called every second.
    package mutating func sweep() async throws {
        if gate.mayReap(at: .now) {
            let reaped = try await ledger.reap()
            if reaped != Reaped() {
                logger.notice(
                    "took jobs back whose worker went silent",
                    metadata: ["requeued": "\(reaped.requeued)", "ended": "\(reaped.ended)"]
                )
            }
        } else {
            _ = try await ledger.pool.query("SELECT 1", [])
        }
        gate.ledgerAnswered(at: .now)
    }
}

/// Decides when expired leases mean dead workers, rather than a ledger in which nobody could renew them.
struct ReapGate {
    /// A longer silence than this between two sweeps: the ledger was away or stalled, or so were we.
    static let longestPause: Duration = .seconds(3)

    private var lastAnswer: ContinuousClock.Instant?
    private var reapAfter: ContinuousClock.Instant?

    /// False until the ledger has answered without a pause for one whole lease: every live worker has renewed by then.
    func mayReap(at now: ContinuousClock.Instant) -> Bool {
        guard let lastAnswer, let reapAfter else { return false }
        return now - lastAnswer <= Self.longestPause && now >= reapAfter
    }

    mutating func ledgerAnswered(at now: ContinuousClock.Instant) {
        if let last = lastAnswer, now - last <= Self.longestPause {
            lastAnswer = now
            return
        }
        lastAnswer = now
        reapAfter = now + JobLedger.leaseLength
    }
}
