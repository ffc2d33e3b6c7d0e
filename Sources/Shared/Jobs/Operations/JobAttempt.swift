package import FoundationEssentials
import Postgres

/// One line of a job's attempt log.
package struct JobAttempt: Sendable, Equatable {
    /// The attempt's number; one that was not charged has the number of the next.
    package let attempt: Int
    /// The fencing token it ran under, or that it left behind.
    package let epoch: Int64
    /// The process that ran it; nil when it ended without running.
    package let worker: UUID?
    package let startedAt: Date?
    /// Nil while it runs.
    package let endedAt: Date?
    /// `retry`, `rate_limited`, `snooze`, `handed_back`, `lease_expired`, `fanned_out`, `redriven`, `running`, or the
    /// state the job ended in.
    package let outcome: String
    package let failure: JobFailure?
}

extension JobLedger {
    /// All attempts of a job in order: those that did not end it, the running one, and the one that ended it.
    package func attempts(of id: JobID) async throws -> [JobAttempt] {
        let rows = try await query(
            """
            SELECT attempt, lease_epoch, worker, started_at, ended_at, outcome, error FROM job_attempt WHERE job_id = $1
            UNION ALL
            SELECT attempt, lease_epoch, lease_owner, started_at, NULL, 'running', NULL
            FROM job_live WHERE id = $1 AND state::text = 'running'
            UNION ALL
            SELECT attempt, lease_epoch, lease_owner, CASE WHEN lease_owner IS NOT NULL THEN started_at END, finished_at,
                   state::text, error
            FROM job_result WHERE day = uuid_v7_day($1) AND id = $1
            ORDER BY 2, 5
            """,
            [.uuid(id.uuid)]
        )
        return try rows.map { row in
            JobAttempt(
                attempt: Int(try row.get(0, as: Int64.self)),
                epoch: try row.get(1),
                worker: try row.get(2),
                startedAt: try row.get(3),
                endedAt: try row.get(4),
                outcome: try row.get(5),
                failure: try row.get(6, as: String?.self).map(JobFailure.init(json:))
            )
        }
    }
}
