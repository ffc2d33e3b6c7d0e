import FoundationEssentials
import Logging
import Postgres
import Support
import Testing

private struct Refusal: Error, Equatable {}

@Suite("COPY") struct CopyTests {
    private func withTable(_ body: (PostgresPool) async throws -> Void) async throws {
        try await Fixture.withPool(size: 4) { pool, _ async throws in
            try await pool.query("CREATE TYPE colour AS ENUM ('red', 'green')")
            try await pool.query(
                """
                CREATE TABLE t (id int8 PRIMARY KEY, small int2, medium int4, ratio float8, single float4, name text,
                    code varchar(8), ok bool, at timestamptz, tag uuid, doc jsonb, raw bytea, colour colour, list text[])
                """
            )
            try await body(pool)
        }
    }

    private func count(_ pool: PostgresPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM t").one().get(0)
    }

    @Test("100,000 rows arrive, and the connection pipelines again afterwards")
    func many() async throws {
        try await withTable { pool async throws in
            let stored = try await pool.copyIn(into: "t", columns: ["id", "name", "ratio"]) { writer in
                for id in 0..<100_000 {
                    try writer.append(.int(Int64(id)))
                    try writer.append(.text("row \(id)"))
                    try writer.append(id % 2 == 0 ? .double(Double(id) / 2) : .null)
                }
            }
            #expect(stored == 100_000)
            let row = try await pool.query("SELECT count(*), sum(ratio), max(name) FROM t").one()
            #expect(try row.get(0) == 100_000)
            #expect(try row.get(1) == Double((0..<50_000).reduce(0, +)))
            #expect(try row.get(2) == "row 99999")
            for _ in 0..<3 {
                #expect(try await pool.transaction { try await $0.query("SELECT 5").one().get(0, as: Int.self) } == 5)
            }
        }
    }

    @Test("values are written in the types of the columns")
    func types() async throws {
        let id = UUID()
        let date = Date(timeIntervalSinceReferenceDate: 12.5)
        try await withTable { pool async throws in
            try await pool.copyIn(
                into: "public.t",
                columns: [
                    "id", "small", "medium", "ratio", "single", "name", "code", "ok", "at", "tag", "doc", "raw",
                    "colour", "list",
                ]
            ) { writer in
                try writer.append(row: [
                    1, 2, 3, 4, 0.5, "ü", "code", true, .timestamp(date), .uuid(id), .json("[1]"), .bytes([0, 255]),
                    "green", .texts(["a", nil]),
                ])
                try writer.append(row: [2] + [PostgresValue](repeating: .null, count: 13))
            }
            let row = try await pool.query("SELECT * FROM t WHERE id = 1").one()
            #expect(try row.get("small") == 2 && row.get("medium") == 3 && row.get("ratio") == 4.0)
            #expect(try row.get("single") == 0.5 && row.get("name") == "ü" && row.get("code") == "code")
            #expect(try row.get("ok") == true && row.get("at") == date && row.get("tag") == id)
            #expect(try row.get("doc") == "[1]" && row.get("raw") == [0, 255] as [UInt8])
            #expect(try row.get("colour") == "green" && row.get("list") == ["a", nil])
            #expect(try await pool.query("SELECT name FROM t WHERE id = 2").one().get(0) == String?.none)
        }
    }

    @Test("a writer that fails half-way leaves nothing and gets its own error back")
    func writerFails() async throws {
        try await withTable { pool async throws in
            await #expect(throws: Refusal()) {
                try await pool.copyIn(into: "t", columns: ["id", "name"]) { writer in
                    for id in 0..<50_000 {
                        try writer.append(row: [.int(Int64(id)), "some text to fill a few chunks"])
                    }
                    throw Refusal()
                }
            }
            #expect(try await count(pool) == 0)
            #expect(try await pool.copyIn(into: "t", columns: ["id"]) { try $0.append(1) } == 1)
        }
    }

    @Test("a row the server refuses half-way leaves nothing")
    func serverRefuses() async throws {
        try await withTable { pool async throws in
            let error = await Fixture.failure {
                try await pool.copyIn(into: "t", columns: ["id", "name"]) { writer in
                    for id in 0..<20_000 { try writer.append(row: [.int(Int64(id % 19_000)), "x"]) }
                }
            }
            #expect(error?.sqlState == "23505" && error?.constraint == "t_pkey")
            #expect(try await count(pool) == 0)
            #expect(try await pool.copyIn(into: "t", columns: ["id"]) { try $0.append(1) } == 1)
        }
    }

    @Test("cancelling the caller ends the COPY, leaves nothing and keeps the connection")
    func cancelled() async throws {
        try await withTable { pool async throws in
            let task = Task {
                try await pool.copyIn(into: "t", columns: ["id", "name"]) { writer in
                    for id in 0..<Int64.max { try writer.append(row: [.int(id), "endless"]) }
                }
            }
            #expect(try await eventually { try await pool.isRunning("COPY") })
            task.cancel()
            #expect(await Fixture.failure { _ = try await task.value }?.code == .cancelled)
            #expect(try await eventually { try await !pool.isRunning("COPY") })
            #expect(try await count(pool) == 0)
        }
    }

    @Test("a COPY past its deadline times out and leaves nothing")
    func deadline() async throws {
        try await withTable { pool async throws in
            let start = ContinuousClock.now
            let error = await Fixture.failure {
                try await pool.copyIn(into: "t", columns: ["id", "name"], deadline: .milliseconds(300)) { writer in
                    for id in 0..<Int64.max { try writer.append(row: [.int(id), "endless"]) }
                }
            }
            #expect(error?.code == .timeout)
            #expect(start.duration(to: .now) < .seconds(15))
            #expect(try await eventually { try await !pool.isRunning("COPY") })
            #expect(try await count(pool) == 0)
        }
    }

    @Test("rows of the wrong shape are refused, naming the column and not the value")
    func wrongShape() async throws {
        let rows: [[PostgresValue]] = [
            [1], [1, 2, 3], [1, 2], ["secret-value", "x"], [.int(1), .ints([1])], [.double(1.5), "x"],
        ]
        try await withTable { pool async throws in
            for row in rows {
                let error = await Fixture.failure {
                    try await pool.copyIn(into: "t", columns: ["id", "name"]) { try $0.append(row: row) }
                }
                #expect(error?.code == .invalidParameter)
                #expect(error?.message.contains("secret-value") == false)
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test("an integer too large for its column and a row that is not complete are refused")
    func incomplete() async throws {
        try await withTable { pool async throws in
            for row in [[40_000, 1], [1]] as [[Int64]] {
                let error = await Fixture.failure {
                    try await pool.copyIn(into: "t", columns: ["small", "id"]) { writer in
                        for value in row { try writer.append(.int(value)) }
                    }
                }
                #expect(error?.code == .invalidParameter)
            }
        }
    }

    @Test("a table or column that is not there is the server's error, hostile names included")
    func missing() async throws {
        try await withTable { pool async throws in
            for (table, column) in [("nowhere", "id"), ("t", "nothing"), ("t\"; DROP TABLE t; --", "id"), ("t", "\"")] {
                let error = await Fixture.failure {
                    try await pool.copyIn(into: table, columns: [column]) { try $0.append(1) }
                }
                #expect(error?.code == .server)
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test("COPY inside a transaction is undone with it")
    func inTransaction() async throws {
        try await withTable { pool async throws in
            await #expect(throws: Refusal()) {
                try await pool.transaction { transaction in
                    #expect(try await transaction.copyIn(into: "t", columns: ["id"]) { try $0.append(1) } == 1)
                    #expect(try await transaction.query("SELECT count(*) FROM t").one().get(0) == 1)
                    throw Refusal()
                }
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test("no rows at all are fine")
    func none() async throws {
        try await withTable { pool async throws in
            #expect(try await pool.copyIn(into: "t", columns: ["id"]) { _ in } == 0)
        }
    }
}
