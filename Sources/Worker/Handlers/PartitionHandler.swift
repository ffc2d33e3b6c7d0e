import Jobs

/// Makes the partitions of the days to come.
///
/// The scheduler's own rounds do so too: a ledger without a partition for today must not wait for a worker.
struct PartitionHandler: JobHandler {
    let kind = JobKind.partitions
    let ledger: JobLedger

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        try await ledger.ensurePartitions()
        return .succeeded(result: #"{"days_ahead":7}"#)
    }
}
