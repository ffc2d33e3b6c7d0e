import Jobs

/// Executes one kind of job.
protocol JobHandler: Sendable {
    var kind: JobKind { get }

    /// Works on the job and says how the attempt ended.
    ///
    /// Runs in a task of its own on the cooperative pool: CPU-bound work and blocking calls belong on other threads.
    /// The task is cancelled when the lease is lost, the caller cancels, or the worker stops. A thrown error counts as
    /// retryable.
    func run(_ job: ClaimedJob) async throws -> JobOutcome
}
