import Logging
import Postgres
import Support
import Testing

private struct Refusal: Error {}

@Suite("Transactions") struct TransactionTests {
    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM t").one().get(0)
    }

    private func withTable(_ body: (PostgresPool) async throws -> Void) async throws {
        try await Fixture.withPool(size: 4) { pool, _ async throws in
            try await pool.query("CREATE TABLE t (a int8 UNIQUE)")
            try await body(pool)
        }
    }

    @Test("what the body did is there after it returns, with its value")
    func commits() async throws {
        try await withTable { pool async throws in
            let value = try await pool.transaction { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                try await transaction.query("INSERT INTO t VALUES (2)")
                return try await transaction.query("SELECT count(*) FROM t").one().get(0, as: Int.self)
            }
            #expect(value == 2)
            #expect(try await count(pool) == 2)
        }
    }

    @Test("an error of the body rolls back and reaches the caller")
    func throwing() async throws {
        try await withTable { pool async throws in
            await #expect(throws: Refusal.self) {
                try await pool.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(try await count(pool) == 0)
            #expect(pool.statistics.inUse == 0)
        }
    }

    @Test("cancelling the caller rolls back, whatever it was doing")
    func cancelled() async throws {
        try await withTable { pool async throws in
            let task = Task {
                try await pool.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    try await transaction.query("SELECT pg_sleep(40)")
                }
            }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(40)") })
            task.cancel()
            let error = await Fixture.failure { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await count(pool) == 0)
            #expect(try await pool.isRunning("pg_sleep(40)") == false)
            // The connection is free of the transaction and works.
            for _ in 0..<4 { try await pool.transaction { _ = try await $0.query("SELECT 1") } }
        }
    }

    @Test("a cancelled caller whose body has returned gets nothing committed")
    func cancelledLate() async throws {
        try await withTable { pool async throws in
            let task = Task {
                try await pool.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a failed statement that the body ignores fails the commit instead of losing the work silently")
    func ignoredFailure() async throws {
        try await withTable { pool async throws in
            let error = await Fixture.failure {
                try await pool.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    _ = try? await transaction.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.code == .server && error?.sqlState == "25P02")
            #expect(try await count(pool) == 0)
        }
    }

    @Test("statements of one transaction never continue on another session")
    func killed() async throws {
        try await withTable { pool async throws in
            let error = await Fixture.failure {
                try await pool.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (1)")
                    let pid: Int = try await transaction.query("SELECT pg_backend_pid()").one().get(0)
                    try await pool.query("SELECT pg_terminate_backend($1::int4)", [.int(Int64(pid))])
                    let gone = try await eventually {
                        try await pool.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int(Int64(pid))])
                            .isEmpty
                    }
                    #expect(gone)
                    try await transaction.query("INSERT INTO t VALUES (2)")
                }
            }
            #expect(error?.code == .connectionLost)
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a transaction that has ended refuses statements")
    func ended() async throws {
        try await withTable { pool async throws in
            let leaked = try await pool.transaction { $0 }
            let error = await Fixture.failure { try await leaked.query("INSERT INTO t VALUES (1)") }
            #expect(error?.code == .closed)
            #expect(try await count(pool) == 0)
        }
    }

    @Test("who finds every connection taken waits, and no longer than allowed")
    func waits() async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            let holder = Task { try await pool.transaction { _ = try await $0.query("SELECT pg_sleep(1.2)") } }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(1.2)") })
            let impatient = await Fixture.failure {
                try await pool.transaction(waitingAtMost: .milliseconds(100)) { _ in }
            }
            #expect(impatient?.code == .timeout)
            let waiting = Task { try await pool.transaction { _ in 7 } }
            #expect(await eventually { pool.statistics.waiting == 1 })
            let cancelled = Task { try await pool.transaction { _ in } }
            #expect(await eventually { pool.statistics.waiting == 2 })
            cancelled.cancel()
            #expect(await Fixture.failure { try await cancelled.value }?.code == .cancelled)
            #expect(try await waiting.value == 7)
            try await holder.value
            #expect(pool.statistics.waiting == 0)
        }
    }

    @Test("a hundred transactions share two connections and all commit")
    func many() async throws {
        try await withTable { pool async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await pool.transaction { transaction in
                            _ = try await transaction.query("INSERT INTO t VALUES ($1)", [.int(Int64(number))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(pool) == 100)
        }
    }

    @Test("a violated constraint is named, its value is not")
    func violation() async throws {
        try await withTable { pool async throws in
            try await pool.query("INSERT INTO t VALUES (987654321)")
            let error = await Fixture.failure { try await pool.query("INSERT INTO t VALUES ($1)", [987_654_321]) }
            #expect(error?.sqlState == "23505" && error?.constraint == "t_a_key" && error?.isRetryable == false)
            #expect(error?.description.contains("987654321") == false)
        }
    }

    @Test("a deadlock ends one of the two with a retryable error")
    func deadlock() async throws {
        try await withTable { pool async throws in
            try await pool.query("INSERT INTO t VALUES (1), (2)")
            let errors = await withTaskGroup(of: PostgresError?.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        await Fixture.failure {
                            try await pool.transaction { transaction in
                                try await transaction.query("SET LOCAL deadlock_timeout = '50ms'")
                                try await transaction.query(
                                    "SELECT * FROM t WHERE a = $1 FOR UPDATE",
                                    [PostgresValue(order[0])]
                                )
                                try await transaction.query("SELECT pg_sleep(0.3)")
                                try await transaction.query(
                                    "SELECT * FROM t WHERE a = $1 FOR UPDATE",
                                    [PostgresValue(order[1])]
                                )
                            }
                        }
                    }
                }
                return await group.reduce(into: [PostgresError?]()) { $0.append($1) }
            }
            let failed = errors.compactMap(\.self)
            #expect(failed.count == 1)
            #expect(failed.first?.sqlState == "40P01" && failed.first?.isRetryable == true)
        }
    }
}
