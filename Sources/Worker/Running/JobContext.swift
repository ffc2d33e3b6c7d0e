import Jobs

/// What a handler may do besides its work: say how far it is, and leave something for the next attempt.
struct JobContext: Sendable {
    let lease: Lease
    let progress: ProgressWriter
    private let startedAt = ContinuousClock.now

    init(lease: Lease, progress: ProgressWriter) {
        self.lease = lease
        self.progress = progress
    }

    /// Notes how far the job is.
    ///
    /// Costs nothing; the latest word reaches the ledger within half a second.
    func report(_ progress: JobProgress) {
        self.progress.note(progress, of: lease)
    }

    /// Notes a count, with the time that is left if it goes on as it went.
    func report(done: Int, of total: Int, message: String? = nil) {
        report(JobProgress(done: done, total: total, message: message, elapsed: .now - startedAt))
    }

    /// Makes `json` what the next attempt starts from; durable when the call returns.
    ///
    /// - Throws: `CancellationError` when the lease is lost: the work belongs to somebody else by now.
    func checkpoint(_ json: String) async throws {
        guard try await progress.checkpoint(json, of: lease) else { throw CancellationError() }
    }
}
