package import FoundationEssentials
import Postgres

/// How jobs sent for a drill stand, by the ledger's own clock.
package struct CanaryReport: Sendable, Equatable {
    /// Not ended yet.
    package let live: Int
    /// Of those, in the hands of the process that was asked about.
    package let held: Int
    package let succeeded: Int
    /// Ended any other way.
    package let otherwise: Int
    /// Attempts that a dead worker did not finish.
    package let lostLeases: Int
    /// When the first of them started after the moment asked about; nil when none has.
    package let firstStart: Date?
    /// When the last of those whose worker died started again.
    package let lastRestart: Date?
    package let lastEnd: Date?
}

extension JobLedger {
    /// Looks at a drill's jobs in one snapshot: counts the leases of `worker`, and finds the first start after `moment`.
    package func canaries(_ ids: [JobID], worker: UUID? = nil, since moment: Date) async throws -> CanaryReport {
        let row = try await query(
            """
            WITH wanted AS (SELECT DISTINCT uuid_v7_day(id) AS day FROM unnest($1::uuid[]) AS w(id)),
            alive AS MATERIALIZED (
                SELECT id, lease_owner, started_at FROM job_live WHERE id = ANY ($1)
            ), ended AS MATERIALIZED (
                SELECT id, state::text AS state, started_at, finished_at FROM job_result
                WHERE id = ANY ($1) AND day = ANY (ARRAY(SELECT day FROM wanted))
            ), lost AS MATERIALIZED (
                SELECT job_id FROM job_attempt WHERE job_id = ANY ($1) AND outcome = 'lease_expired'
            )
            SELECT (SELECT count(*) FROM alive), (SELECT count(*) FROM alive WHERE lease_owner = $2),
                   (SELECT count(*) FROM ended WHERE state = 'succeeded'),
                   (SELECT count(*) FROM ended WHERE state <> 'succeeded'), (SELECT count(*) FROM lost),
                   (SELECT min(started_at) FROM (
                       SELECT started_at FROM alive UNION ALL SELECT started_at FROM ended) s WHERE started_at > $3),
                   (SELECT max(started_at) FROM ended WHERE id IN (SELECT job_id FROM lost)),
                   (SELECT max(finished_at) FROM ended)
            """,
            [.uuids(ids.map(\.uuid)), .uuid(worker ?? UUID()), .timestamp(moment)]
        )[0]
        func count(_ column: Int) throws -> Int { Int(try row.get(column, as: Int64.self)) }
        return CanaryReport(
            live: try count(0),
            held: try count(1),
            succeeded: try count(2),
            otherwise: try count(3),
            lostLeases: try count(4),
            firstStart: try row.get(5),
            lastRestart: try row.get(6),
            lastEnd: try row.get(7)
        )
    }
}

extension DoorbellKeys {
    /// Every key of this fleet: what a drill of Redis loss removes, and nothing else.
    package var all: [String] { Lane.allCases.map(stream) + [lanes, generation] }
}
