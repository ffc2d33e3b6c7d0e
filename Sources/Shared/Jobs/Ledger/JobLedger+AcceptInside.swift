package import Postgres

extension JobLedger {
    /// Accepts jobs in somebody's transaction: they are there together with what else it writes, or not at all.
    ///
    /// The doorbell's keeper finds and rings them a moment after the commit.
    package static func accept(_ jobs: [NewJob], in transaction: PostgresTransaction) async throws {
        guard !jobs.isEmpty else { return }
        let entries = jobs.map { Entry(job: $0, ring: false) }
        let rows = try await transaction.query(acceptSQL, acceptParameters(entries))
        guard rows.count == jobs.count else {
            throw JobError(.unavailable, "the ledger took \(rows.count) of \(jobs.count) jobs; none is kept")
        }
    }
}
