import Jobs

/// Runs a job where its death harms nobody else.
protocol Isolation: Sendable {
    /// The outcome the job's handler came to, or `.quarantined` when its process died.
    func run(_ job: ClaimedJob) async throws -> JobOutcome

    /// Runs `body` when nobody else is alone; at once, and alone or not, when its task is cancelled.
    func inTurn<Result: Sendable>(_ body: @Sendable () async -> Result) async -> Result
}
