package import FoundationEssentials
import Postgres

extension JobLedger {
    /// Counts what was accepted against what there is, per tenant and day, in one snapshot.
    ///
    /// Live jobs are always counted. Ended ones are counted by the hour of their ids: an hour that is over is counted once
    /// and remembered with the number of its live jobs; while that number stands, nothing has ended since, and the count
    /// still holds. So an audit reads the current hour and whatever changed, not the day. A difference is never reported
    /// from memory: its day is counted afresh first. With `all`, nothing is taken from memory, every day there is counts,
    /// and ids that stand in both tables are looked for everywhere.
    package func audit(all: Bool = false, now: Date? = nil) async throws -> AuditReport {
        let start = ContinuousClock.now
        let moment = if let now { now } else { try await self.now() }
        let (report, fresh) = try await pool.transaction { transaction in
            _ = try await transaction.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", [])
            // Everything is read: in the order it lies on disk that is fastest, and takes as long as it takes.
            _ = try await transaction.query("SET LOCAL enable_seqscan = on", [])
            _ = try await transaction.query("SET LOCAL statement_timeout = '10min'", [])
            let reading = AuditReading(transaction: transaction, now: moment)
            return try await reading.report(all: all)
        }
        try await remember(fresh)
        var timed = report
        let took = ContinuousClock.now - start
        timed.seconds = took.inSeconds
        return timed
    }

    /// Keeps counts of hours that are over.
    private func remember(_ hours: [AuditHour]) async throws {
        guard !hours.isEmpty else { return }
        let rows = hours.flatMap { hour in hour.rows.map { (hour.start, $0.key, $0.value) } }
        _ = try await query(
            """
            INSERT INTO audit_hour (hour, tenant, live, succeeded, failed, cancelled, dead)
            SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                                 $7::bigint[]) ORDER BY 1, 2
            ON CONFLICT (hour, tenant) DO UPDATE SET live = excluded.live, succeeded = excluded.succeeded,
                failed = excluded.failed, cancelled = excluded.cancelled, dead = excluded.dead
            """,
            [
                .timestamps(rows.map { Optional($0.0) }), .texts(rows.map { Optional($0.1) }),
                .ints(rows.map { Int64($0.2.live) }), .ints(rows.map { Int64($0.2[.succeeded]) }),
                .ints(rows.map { Int64($0.2[.failed]) }), .ints(rows.map { Int64($0.2[.cancelled]) }),
                .ints(rows.map { Int64($0.2[.dead]) }),
            ]
        )
    }

    /// Audits, unless another process does at this moment, and keeps the result for those who only want to know it.
    ///
    /// - Returns: The report; nil when another process is at it.
    package func auditAndKeep() async throws -> AuditReport? {
        let mine = try await pool.transaction { transaction in
            guard
                try await transaction.query("SELECT pg_try_advisory_xact_lock(hashtext('job_audit'))", [])[0]
                    .get(0, as: Bool.self)
            else { return false }
            // Whoever looked within the last half minute has done it for all of us.
            return try await transaction.query(
                """
                INSERT INTO audit_report AS r (at, seconds, accepted, difference, twice, report)
                VALUES (now(), 0, 0, 0, 0, '')
                ON CONFLICT (only_row) DO UPDATE SET at = now() WHERE r.at < now() - interval '30 seconds'
                RETURNING 1
                """,
                []
            ).count == 1
        }
        guard mine else { return nil }
        let report = try await audit()
        _ = try await query(
            "UPDATE audit_report SET at = $1, seconds = $2, accepted = $3, difference = $4, twice = $5, report = $6",
            [
                .timestamp(report.at), .double(report.seconds), .int(Int64(report.accepted)),
                .int(Int64(report.difference)), .int(Int64(report.twice.count)), .text(report.json),
            ]
        )
        return report
    }

    /// What the latest kept audit found; nil before the first.
    package func latestAudit() async throws -> AuditVerdict? {
        let rows = try await query(
            "SELECT at, seconds, accepted, difference, twice FROM audit_report WHERE report <> ''",
            []
        )
        return try rows.first.map { row in
            AuditVerdict(
                at: try row.get(0),
                seconds: try row.get(1),
                accepted: Int(try row.get(2, as: Int64.self)),
                difference: Int(try row.get(3, as: Int64.self)),
                twice: Int(try row.get(4, as: Int64.self))
            )
        }
    }
}
