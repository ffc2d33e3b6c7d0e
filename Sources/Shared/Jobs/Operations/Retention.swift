package import FoundationEssentials
import Postgres

/// What one sweep over old days did.
package struct Expired: Sendable, Equatable {
    /// Days whose results were dropped.
    package var days: [Date] = []
    /// Ended jobs that went with them.
    package var jobs = 0
    /// Attempts of jobs of dropped days.
    package var attempts = 0
    /// Days past retention that stay, since a job of theirs still lives.
    package var kept: [Date] = []
}

/// Drops what is older than the retention time: whole days, and only when no live job has an id of that day.
package struct Retention: Sendable {
    /// How long a drop may wait for its lock: behind it everybody waits, so it gives up and comes again.
    private static let lockPatience = "100ms"
    /// Rows of one transaction where rows are deleted one by one.
    private static let batch = 5000

    private let ledger: JobLedger
    private let days: Int

    /// - Parameters:
    ///   - ledger: Whose results are dropped.
    ///   - days: How many days a result is kept, by the day of its job's acceptance; today does not count.
    package init(ledger: JobLedger, days: Int) {
        precondition(days >= 1, "a job of today must be found tomorrow")
        self.ledger = ledger
        self.days = days
    }

    /// One sweep; to be called every few minutes, from any number of processes.
    ///
    /// A day that cannot be locked at once is left for the next sweep.
    package func sweep(now: Date? = nil) async throws -> Expired {
        let today = if let now { now } else { try await ledger.now() }
        let oldest = today.startOfDay.addingTimeInterval(-Double(days) * 86_400)
        var expired = Expired()
        for day in try await storedDays(before: oldest) {
            guard try await !hasLiveJobs(day) else {
                expired.kept.append(day)
                continue
            }
            guard let jobs = try await drop(day) else { continue }
            expired.days.append(day)
            expired.jobs += jobs
        }
        expired.attempts = try await dropAttempts(before: oldest)
        return expired
    }

    /// Days with a partition or with rows in the default one.
    private func storedDays(before oldest: Date) async throws -> [Date] {
        let rows = try await ledger.query(
            """
            SELECT day::timestamp AT TIME ZONE 'UTC' FROM (
                SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'job_result'::regclass AND c.relname ~ '^job_result_[0-9]{8}$'
                UNION SELECT day FROM job_result_default
            ) stored
            WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date ORDER BY day
            """,
            [.timestamp(oldest)]
        )
        return try rows.map { try $0.get(0) }
    }

    private func hasLiveJobs(_ day: Date) async throws -> Bool {
        try await ledger.query("SELECT EXISTS (\(Self.liveSQL))", Self.range(day))[0].get(0)
    }

    private static let liveSQL = "SELECT FROM job_live WHERE id >= $1 AND id < $2"

    private static func range(_ day: Date) -> [PostgresValue] {
        [
            .uuid(JobID.lowest(at: day).uuid), .uuid(JobID.lowest(at: day.addingTimeInterval(86_400)).uuid),
        ]
    }

    /// Drops one day's results, and counts them as dropped in the same transaction.
    ///
    /// - Returns: How many jobs; nil when the day could not be locked now, or lives again.
    private func drop(_ day: Date) async throws -> Int? {
        let table = "job_result_" + day.dayText.filter { $0 != "-" }
        do {
            return try await ledger.pool.transaction { transaction in
                // Excludes redrives: after this look nothing of the day comes back to life.
                let mine = try await transaction.query(
                    "SELECT pg_try_advisory_xact_lock(\(JobLedger.retentionLock))",
                    []
                )
                guard try mine[0].get(0, as: Bool.self) else { return nil }
                let lives = try await transaction.query("SELECT EXISTS (\(Self.liveSQL))", Self.range(day))
                guard try !lives[0].get(0, as: Bool.self) else { return nil }
                // Counting a day of twenty million takes a while, and nobody waits for it.
                _ = try await transaction.query("SET LOCAL statement_timeout = '10min'", [])
                _ = try await transaction.query("SET LOCAL enable_seqscan = on", [])
                let counted = try await transaction.query(
                    """
                    WITH gone AS (
                        SELECT tenant, count(*) AS n FROM job_result WHERE day = $1::text::date GROUP BY 1
                    ), tally AS (
                        INSERT INTO job_tally AS t (day, tenant, dropped)
                        SELECT $1::text::date, tenant, n FROM gone ORDER BY tenant
                        ON CONFLICT (day, tenant) DO UPDATE SET dropped = t.dropped + excluded.dropped
                    ), memory AS (
                        DELETE FROM audit_hour WHERE hour >= $2 AND hour < $2 + interval '1 day'
                    )
                    SELECT coalesce(sum(n), 0)::bigint FROM gone
                    """,
                    [.text(day.dayText), .timestamp(day)],
                    deadline: .seconds(600)
                )
                let jobs = Int(try counted[0].get(0, as: Int64.self))
                let partition = try await transaction.query("SELECT to_regclass($1) IS NOT NULL", [.text(table)])
                if try partition[0].get(0, as: Bool.self) {
                    _ = try await transaction.query("SET LOCAL lock_timeout = '\(Self.lockPatience)'", [])
                    _ = try await transaction.query("DROP TABLE \(table)", [])
                } else {
                    _ = try await transaction.query(
                        "DELETE FROM job_result_default WHERE day = $1::text::date",
                        [.text(day.dayText)],
                        deadline: .seconds(600)
                    )
                }
                return jobs
            }
        } catch let error as PostgresError {
            guard error.isLockTimeout || error.isConflict else { throw error }
            return nil
        }
    }

    /// Deletes the attempts of days of which nothing is left, in batches.
    private func dropAttempts(before oldest: Date) async throws -> Int {
        var deleted = 0
        var from = Date(timeIntervalSince1970: 0)
        while true {
            let rows = try await ledger.query(
                """
                SELECT uuid_v7_day(job_id)::timestamp AT TIME ZONE 'UTC' FROM job_attempt
                WHERE job_id >= $1 AND job_id < $2 ORDER BY job_id LIMIT 1
                """,
                [.uuid(JobID.lowest(at: from).uuid), .uuid(JobID.lowest(at: oldest).uuid)]
            )
            guard let day = try rows.first?.get(0, as: Date.self) else { return deleted }
            from = day.addingTimeInterval(86_400)
            guard try await isGone(day) else { continue }
            while true {
                let gone = try await ledger.query(
                    """
                    DELETE FROM job_attempt WHERE (job_id, lease_epoch) IN (
                        SELECT job_id, lease_epoch FROM job_attempt WHERE job_id >= $1 AND job_id < $2
                        ORDER BY job_id, lease_epoch LIMIT \(Self.batch))
                    RETURNING 1
                    """,
                    Self.range(day)
                ).count
                deleted += gone
                if gone < Self.batch { break }
            }
        }
    }

    private func isGone(_ day: Date) async throws -> Bool {
        try await ledger.query(
            """
            SELECT NOT EXISTS (\(Self.liveSQL)) AND NOT EXISTS (SELECT FROM job_result WHERE day = $3::text::date)
            """,
            Self.range(day) + [.text(day.dayText)]
        )[0].get(0)
    }
}

extension PostgresError {
    /// The lock was not to be had within `lock_timeout`.
    fileprivate var isLockTimeout: Bool { sqlState == "55P03" }
}
