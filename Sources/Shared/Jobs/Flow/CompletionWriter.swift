package import FoundationEssentials
package import Logging
import Postgres

/// The way out: results are written by group commit under their leases, then announced.
package final class CompletionWriter: Sendable {
    static let batchRows = 500
    static let batchBytes = 8 << 20

    private let commit: GroupCommit<Completion, Bool>
    private let doorbell: Doorbell

    package init(ledger: JobLedger, doorbell: Doorbell, owner: UUID, logger: Logger) {
        self.doorbell = doorbell
        self.commit = GroupCommit(
            maxItems: Self.batchRows,
            maxWeight: Self.batchBytes,
            maxWaiting: .max,
            flights: 2,
            weigh: { $0.result?.utf8.count ?? 0 }
        ) { completions in
            let applied = try await Self.write(completions, to: ledger, owner: owner, logger: logger)
            let ended = completions.filter { applied.contains($0.lease) }.map(\.lease.job)
            // Nobody waits for the announcement: a caller who misses it finds the result in the ledger.
            if !ended.isEmpty { Task { try? await doorbell.announce(ended) } }
            return completions.map { applied.contains($0.lease) }
        }
    }

    /// Returns whether the result was applied; false means that the lease was lost and nothing was written.
    ///
    /// Waits for a ledger that is away: a result is worth more than a slot.
    package func complete(_ completion: Completion) async throws -> Bool {
        try await commit.submit(completion)
    }

    /// Tells waiting callers of jobs that ended otherwise; who misses it finds the end in the ledger.
    package func announce(_ ended: [JobID]) async {
        if !ended.isEmpty { try? await doorbell.announce(ended) }
    }

    private static func write(
        _ completions: [Completion],
        to ledger: JobLedger,
        owner: UUID,
        logger: Logger
    ) async throws -> Set<Lease> {
        var attempt = 0
        while true {
            do {
                return try await ledger.complete(completions, owner: owner, repeated: attempt > 0)
            } catch let error as PostgresError where error.isRetryable {
                attempt += 1
                if attempt == 1 { logger.warning("the ledger is away; results wait", metadata: ["error": "\(error)"]) }
                try await Task.sleep(for: .milliseconds(min(2000, 50 << min(attempt, 6))))
            } catch let error as PostgresError where completions.count > 1 {
                logger.error("a batch of results was refused; writing them one by one", metadata: ["error": "\(error)"])
                var applied: Set<Lease> = []
                for completion in completions {
                    applied.formUnion(try await write([completion], to: ledger, owner: owner, logger: logger))
                }
                return applied
            }
        }
    }
}
