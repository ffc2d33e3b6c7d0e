import Jobs

/// Executes one kind of job.
protocol JobHandler: Sendable {
    var kind: JobKind { get }

    /// The longest an attempt may run: the kind's, unless a handler knows better.
    var timeLimit: Duration { get }

    /// Works on the job and says how the attempt ended.
    ///
    /// Runs in a task of its own on the cooperative pool: CPU-bound work and blocking calls belong on other threads.
    /// The task is cancelled when the lease is lost, the caller cancels, the kind's time limit is over, or the worker
    /// stops; a handler that goes on all the same costs the worker its process. A thrown error counts as retryable.
    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome

    /// Ends a job whose children have ended, or of which one has failed with fail-fast.
    func finish(_ job: ClaimedJob, children: ChildCounts) async throws -> JobOutcome
}

extension JobHandler {
    var timeLimit: Duration { kind.timeLimit }

    func finish(_ job: ClaimedJob, children: ChildCounts) async throws -> JobOutcome {
        let succeeded = children.total - children.open - children.failed
        guard children.failed > 0 else {
            return .succeeded(result: #"{"children":{"total":\#(children.total),"succeeded":\#(succeeded)}}"#)
        }
        return .failed(
            JobFailure(
                code: "children_failed",
                message: "\(children.failed) of \(children.total) parts failed, \(succeeded) succeeded",
                hint: "Ask for the jobs with this parent; each names its own error."
            )
        )
    }
}
