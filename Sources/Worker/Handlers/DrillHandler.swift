import Jobs

/// Does nothing, durably: measures the queue and proves that a lane moves.
struct DrillHandler: JobHandler {
    let kind = JobKind.drill

    func run(_ job: ClaimedJob) async throws -> JobOutcome {
        .succeeded(result: #"{"drill":true}"#)
    }
}
