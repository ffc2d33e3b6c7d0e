import FoundationEssentials
import Jobs
import Postgres

extension QueueFixture {
    /// Accepts a job and ends it, as a worker would.
    @discardableResult
    func ended(
        _ state: JobState = .succeeded,
        _ job: NewJob? = nil,
        failure: JobFailure? = nil
    ) async throws -> ClaimedJob {
        let owner = UUID()
        let claimed = try await claimed(by: owner, job)
        let code = failure ?? (state == .succeeded ? nil : JobFailure(code: "broken", message: "it broke"))
        let completion = Completion(
            lease: claimed.lease,
            state: state,
            result: state == .succeeded ? "{}" : nil,
            failure: code
        )
        guard try await ledger.complete([completion], owner: owner).count == 1 else {
            throw JobError(.unavailable, "the fixture could not end its job")
        }
        return claimed
    }

    /// A job that was accepted `days` ago, in the partition of its day.
    func oldJob(days: Int, tenant: String = "acme") async throws -> NewJob {
        let moment = Date(timeIntervalSinceNow: -Double(days) * 86_400)
        let job = NewJob(id: .make(now: moment), tenant: tenant, kind: .drill, payload: "{}")
        _ = try await pool.query(
            """
            DO $$ BEGIN
                EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF job_result FOR VALUES FROM (%L) TO (%L)',
                               'job_result_\(moment.dayText.filter { $0 != "-" })', '\(moment.dayText)'::date,
                               '\(moment.dayText)'::date + 1);
            END $$
            """,
            []
        )
        return job
    }
}
