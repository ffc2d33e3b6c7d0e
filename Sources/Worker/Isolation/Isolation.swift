import Jobs

/// Runs a job where its death harms nobody else.
protocol Isolation: Sendable {
    /// The outcome the job's handler came to, or `.quarantined` when its process died.
    func run(_ job: ClaimedJob) async throws -> JobOutcome
}
