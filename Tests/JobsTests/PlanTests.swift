import FoundationEssentials
import Jobs
import Postgres
import Testing

@Suite("Plans: the ledger's statements stay good whatever the table's size was when they were planned")
struct PlanTests {
    @Test("a backlog is rung, claimed and ended without reading it over and over, by plans made for an empty table")
    func backlogAfterEmptyTable() async throws {
        try await QueueFixture.with { queue async throws in
            var configuration = queue.configuration
            configuration.parameters["options"] = JobLedger.sessionOptions
            // Two connections: one of them, and always the same, serves single statements and keeps their plans.
            let pool = try PostgresPool(configuration: configuration, size: 2, logger: queue.logger)
            let ledger = JobLedger(pool: pool)
            try await pool.query("VACUUM ANALYZE job_live")
            // PostgreSQL settles for one plan at the sixth use.
            for _ in 0..<8 { try await run(1, on: ledger, queue) }
            let before = try await rowsRead(pool)

            let jobs = 2000
            try await run(jobs, on: ledger, queue)

            // Each step finds each row once or twice; plans that read the table per batch come to a hundred times.
            #expect(try await rowsRead(pool) - before < 15 * jobs)
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 0)
            await pool.shutdown()
        }
    }

    /// The life of `count` jobs, in the batches that processes use.
    private func run(_ count: Int, on ledger: JobLedger, _ queue: QueueFixture) async throws {
        let jobs = (0..<count).map { _ in queue.newJob() }
        for start in stride(from: 0, to: count, by: 200) {
            let batch = jobs[start..<min(start + 200, count)]
            _ = try await ledger.accept(batch.map { JobLedger.Entry(job: $0, ring: false) })
        }
        var rung: [Ring] = []
        while rung.count < count {
            let more = try await ledger.takeUnrung(lane: JobKind.drill.lane, limit: 500)
            guard !more.isEmpty else { break }
            rung += more
        }
        #expect(rung.count == count)
        let owner = UUID()
        for start in stride(from: 0, to: count, by: 200) {
            let ids = rung[start..<min(start + 200, count)].map(\.id)
            let claimed = try await ledger.claim(ids, owner: owner, kinds: JobKind.all)
            #expect(claimed.count == ids.count)
            let ends = claimed.map { Completion(lease: $0.lease, state: .succeeded, result: "{}") }
            #expect(try await ledger.complete(ends, owner: owner).count == ids.count)
        }
    }

    /// Rows of `job_live` that statements of this database have visited so far.
    private func rowsRead(_ pool: PostgresPool) async throws -> Int {
        // The session reports at the end of a statement; the next one sees the report.
        try await pool.query("SELECT pg_stat_force_next_flush()")
        let rows = try await pool.query(
            """
            SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
            FROM pg_stat_user_tables WHERE relname = 'job_live'
            """
        )
        return Int(try rows[0].get(0, as: Int64.self))
    }
}
