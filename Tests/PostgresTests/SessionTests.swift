import Glibc
import Postgres
import Support
import Testing
import ThreadExecution

@Suite("Synchronous session") struct SessionTests {
    /// Runs `body` on a thread that may block.
    private func onThread<Result: Sendable>(
        _ body: @escaping @Sendable (inout PostgresSession) throws -> Result
    ) async throws -> Result {
        let configuration = try await PrivateServers.freshDatabase()
        let pool = ComputePool(name: "session", threads: 1)
        let result = try await pool.run {
            var session = try PostgresSession(configuration: configuration)
            return try body(&session)
        }
        await pool.shutdown()
        return result
    }

    @Test("statements, scripts and their errors")
    func works() async throws {
        try await onThread { session in
            try session.execute(script: "CREATE TABLE t (a int8); INSERT INTO t VALUES (1), (2);")
            for _ in 0..<3 { #expect(try session.query("SELECT count(*) + $1 FROM t", [1]).one().get(0) == 3) }
            let failed = #expect(throws: PostgresError.self) {
                try session.execute(script: "INSERT INTO t VALUES (3); SELECT 1 / 0; INSERT INTO t VALUES (4)")
            }
            #expect(failed?.sqlState == "22012")
            let isAlive = session.isAlive
            #expect(isAlive)
            #expect(try session.query("SELECT count(*) FROM t").one().get(0) == 2)
            #expect(throws: PostgresError.self) { try session.query("SELEKT") }
            #expect(throws: PostgresError.self) { try session.query("SELEKT") }
        }
    }

    @Test("a changed table and an overfull cache go unnoticed")
    func reprepares() async throws {
        try await onThread { session in
            try session.execute(script: "CREATE TABLE t (a int8); INSERT INTO t VALUES (1)")
            #expect(try session.query("SELECT * FROM t").columnCount == 1)
            try session.execute(script: "ALTER TABLE t ADD b int8")
            #expect(try session.query("SELECT * FROM t").columnCount == 2)
            try session.execute(script: "DEALLOCATE ALL")
            #expect(try session.query("SELECT * FROM t").columnCount == 2)
            for number in 0..<600 { #expect(try session.query("SELECT \(number)").one().get(0) == number) }
            #expect(try session.query("SELECT count(*) FROM pg_prepared_statements").one().get(0, as: Int.self) <= 257)
        }
    }

    @Test("a deadline ends the session")
    func deadline() async throws {
        try await onThread { session in
            let start = ContinuousClock.now
            let error = #expect(throws: PostgresError.self) {
                try session.query("SELECT pg_sleep(30)", deadline: .milliseconds(200))
            }
            #expect(error?.code == .timeout)
            #expect(start.duration(to: .now) < .seconds(10))
            let isAlive = session.isAlive
            #expect(!isAlive)
            let next = #expect(throws: PostgresError.self) { try session.query("SELECT 1") }
            #expect(next?.code == .connectionLost)
        }
    }

    @Test("a session that was killed knows it, and says what the server said")
    func killed() async throws {
        try await onThread { session in
            let error = #expect(throws: PostgresError.self) {
                try session.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(error?.code == .connectionLost && error?.sqlState == "57P01")
            let isAlive = session.isAlive
            #expect(!isAlive)
        }
    }

    @Test(
        "COPY through a plain statement is an error, not a hang",
        arguments: ["COPY t FROM STDIN", "COPY t TO STDOUT"]
    )
    func copy(sql: String) async throws {
        try await onThread { session in
            try session.execute(script: "CREATE TABLE t (a int8)")
            #expect(throws: PostgresError.self) { try session.execute(script: sql) }
            let isAlive = session.isAlive
            #expect(!isAlive)
        }
    }
}
