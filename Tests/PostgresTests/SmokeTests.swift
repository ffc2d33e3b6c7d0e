import Logging
import Postgres
import Support
import Testing

@Suite("smoke") struct SmokeTests {
    @Test("pool queries, transacts, copies") func runs() async throws {
        let pool = try PostgresPool(
            configuration: try await PrivateServers.freshDatabase(),
            size: 4,
            logger: Logger(label: "t")
        )
        try await pool.waitUntilReady(timeout: .seconds(5))
        let row = try await pool.query("SELECT $1 + 1 AS n, $2 || 'x'", [41, "a"]).one()
        #expect(try row.get("n") == 42)
        #expect(try row.get(1) == "ax")
        try await pool.query("CREATE TABLE t (a int4, b text, c timestamptz default now())")
        try await pool.transaction { tx in
            _ = try await tx.query("INSERT INTO t VALUES ($1, $2)", [1, "one"])
        }
        let n = try await pool.copyIn(into: "t", columns: ["a", "b"]) { w in
            for i in 0..<1000 { try w.append(row: [.int(Int64(i)), .text("r\(i)")]) }
        }
        #expect(n == 1000)
        #expect(try await pool.query("SELECT count(*) FROM t").one().get(0) == 1001)
        await pool.shutdown()
    }
}
