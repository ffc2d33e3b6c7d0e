import Logging
import Support
import Testing

@testable import Postgres

@Suite("Pipelining") struct PipelineTests {
    @Test("failing statements leave their neighbours alone")
    func isolation() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            try await connection.query("CREATE TABLE t (id int8 PRIMARY KEY)")
            let outcomes = await withTaskGroup(of: (Int, PostgresError?).self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let error = await Fixture.failure {
                            switch number % 3 {
                            case 0: try await connection.query("INSERT INTO t VALUES ($1)", [.int(Int64(number))])
                            case 1:
                                try await connection.query("SELECT 1 / ($1::int8 - $1::int8)", [.int(Int64(number))])
                            default: try await connection.query("SELEKT \(number % 2)")
                            }
                        }
                        return (number, error)
                    }
                }
                return await group.reduce(into: [Int: PostgresError?]()) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes.count == 300)
            for (number, error) in outcomes {
                #expect(error?.sqlState == [nil, "22012", "42601"][number % 3])
                #expect(error == nil || error?.code == .server)
            }
            #expect(try await connection.query("SELECT count(*) FROM t").one().get(0) == 100)
        }
    }

    @Test("every caller gets the answer to its own question")
    func answers() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        (number, try await connection.query("SELECT $1 * 2", [.int(Int64(number))]).one().get(0))
                    }
                }
                for try await (number, answer) in group { #expect(answer == number * 2) }
            }
        }
    }

    @Test("a statement whose plan has become impossible is prepared again without the caller's notice")
    func stalePlan() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            try await pool.query("CREATE TABLE t (a int8)")
            try await pool.query("INSERT INTO t VALUES (1)")
            #expect(try await connection.query("SELECT * FROM t").columnCount == 1)
            try await pool.query("ALTER TABLE t ADD b text DEFAULT 'x'")
            #expect(try await connection.query("SELECT * FROM t").one().get("b") == "x")
        }
    }

    @Test("statements that the server has forgotten are prepared again")
    func deallocated() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            #expect(try await connection.query("SELECT 41 + 1").one().get(0) == 42)
            try await connection.query("DEALLOCATE ALL")
            #expect(try await connection.query("SELECT 41 + 1").one().get(0) == 42)
        }
    }

    @Test("more statements than the cache holds keep working, and the server holds no more than the cache")
    func eviction() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<700 {
                    group.addTask {
                        let answer: Int = try await connection.query("SELECT \(number)").one().get(0)
                        #expect(answer == number)
                    }
                }
                try await group.waitForAll()
            }
            let held: Int = try await connection.query("SELECT count(*) FROM pg_prepared_statements").one().get(0)
            #expect(held <= 256)
        }
    }

    @Test("a stray BEGIN does not swallow later work")
    func strayBegin() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            try await pool.query("CREATE TABLE t (a int8)")
            try await connection.query("BEGIN")
            try await connection.query("INSERT INTO t VALUES (1)")
            #expect(try await pool.query("SELECT count(*) FROM t").one().get(0) == 1)
        }
    }

    @Test("COPY as a plain statement is an error, not a hang")
    func strayCopy() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            try await pool.query("CREATE TABLE t (a int8)")
            let error = await Fixture.failure { try await connection.query("COPY t FROM STDIN") }
            #expect(error != nil)
            #expect(try await connection.query("SELECT 1").one().get(0) == 1)
        }
    }

    @Test("a statement with a zero byte is refused instead of being cut short")
    func zeroByte() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            let error = await Fixture.failure { try await connection.query("SELECT 1\0; DROP TABLE t") }
            #expect(error?.code == .invalidParameter)
        }
    }

    @Test("an empty statement has an empty answer")
    func empty() async throws {
        try await Fixture.withConnection { connection, _ async throws in
            let rows = try await connection.query("")
            #expect(rows.isEmpty && rows.affected == 0)
        }
    }

    @Test("large statements and large answers pass each other without a deadlock")
    func large() async throws {
        let text = String(repeating: "x", count: 2 << 20)
        try await Fixture.withConnection { connection, _ async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        try await connection.query("SELECT $1", [.text(text)]).one().get(0, as: String.self).utf8.count
                    }
                }
                for try await count in group { #expect(count == 2 << 20) }
            }
        }
    }
}
