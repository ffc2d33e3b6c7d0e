import FoundationEssentials
import Jobs
import Logging
import Synchronization

/// Writes what handlers report, all jobs of the process in one statement, the latest word of each.
final class ProgressWriter: Sendable {
    /// Callers look about once a second.
    private static let interval: Duration = .milliseconds(500)

    private let ledger: JobLedger
    private let owner: UUID
    private let logger: Logger
    private let noted = Mutex<[Lease: JobProgress]>([:])

    init(ledger: JobLedger, owner: UUID, logger: Logger) {
        self.ledger = ledger
        self.owner = owner
        self.logger = logger
    }

    func note(_ progress: JobProgress, of lease: Lease) {
        noted.withLock { $0[lease] = progress }
    }

    /// Forgets a job that has ended: its row is gone.
    func forget(_ lease: Lease) {
        noted.withLock { _ = $0.removeValue(forKey: lease) }
    }

    /// - Returns: False when the lease was lost and nothing was written.
    func checkpoint(_ json: String, of lease: Lease) async throws -> Bool {
        let progress = noted.withLock { $0.removeValue(forKey: lease) }
        let report = ProgressReport(lease: lease, progress: progress, checkpoint: json)
        return try await ledger.report([report], owner: owner).contains(lease)
    }

    /// Writes until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.interval)
            let reports = noted.withLock { noted in
                defer { noted = [:] }
                return noted.map { ProgressReport(lease: $0.key, progress: $0.value) }
            }
            guard !reports.isEmpty else { continue }
            do {
                let written = try await ledger.report(reports, owner: owner)
                let late = reports.count { !written.contains($0.lease) }
                // A job that has just ended leaves a last word behind now and then; a lost lease says so again elsewhere.
                if late > 0 { logger.info("late progress was refused", metadata: ["jobs": "\(late)"]) }
            } catch {
                // The next word follows in half a second; a lost one costs nobody anything.
                logger.debug("progress could not be written", metadata: ["error": "\(error)"])
            }
        }
    }
}
