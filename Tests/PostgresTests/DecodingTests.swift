import FoundationEssentials
import Postgres
import Support
import Testing

@Suite("Decoding refuses what does not fit") struct DecodingTests {
    private func refusal(
        _ sql: String,
        _ read: @Sendable (PostgresRow) throws -> Void
    ) async throws -> PostgresError {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            let row = try await pool.query(sql).one()
            let error = await Fixture.failure { try read(row) }
            return try #require(error)
        }
    }

    @Test("NULL where a value is expected names the column and the cure")
    func null() async throws {
        let error = try await refusal("SELECT NULL::int8 AS vcpus") { _ = try $0.get("vcpus", as: Int.self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("vcpus") && error.message.contains("Int?"))
    }

    @Test("another type than the column's is refused, naming both")
    func mismatch() async throws {
        let error = try await refusal("SELECT 'secret'::text AS word") { _ = try $0.get(0, as: Int.self) }
        #expect(error.code == .decoding)
        #expect(error.message.contains("text") && error.message.contains("Int"))
        #expect(!error.message.contains("secret"))
    }

    @Test("every wrong pairing is an error, not a wrong value")
    func pairings() async throws {
        let statements = [
            "SELECT 1::int8", "SELECT 'x'::text", "SELECT true", "SELECT now()", "SELECT '\\x01'::bytea",
            "SELECT array[1]::int8[]", "SELECT 1.5::float8", "SELECT gen_random_uuid()", "SELECT interval '1 day'",
            "SELECT point '(1,2)'", "SELECT int8range(1, 2)", "SELECT row(1, 'a')", "SELECT '1.2.3.4'::inet",
        ]
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            for sql in statements {
                let row = try await pool.query(sql).one()
                var accepted: [String] = []
                func attempt<T: PostgresDecodable>(_ type: T.Type) {
                    if (try? row.get(0, as: type)) != nil { accepted.append("\(type)") }
                }
                attempt(Bool.self)
                attempt(Int.self)
                attempt(Double.self)
                attempt(String.self)
                attempt(UUID.self)
                attempt(Date.self)
                attempt([UInt8].self)
                attempt([Int64].self)
                attempt([String].self)
                attempt([UUID].self)
                #expect(accepted.count <= 1, "\(sql): \(accepted)")
            }
        }
    }

    @Test("a number too large for the integer is refused without telling it")
    func narrow() async throws {
        let error = try await refusal("SELECT 70000::int8") { _ = try $0.get(0, as: Int16.self) }
        #expect(error.message.contains("Int16") && !error.message.contains("70000"))
    }

    @Test("an array of two dimensions is refused")
    func matrix() async throws {
        let error = try await refusal("SELECT array[[1,2],[3,4]]::int8[]") { _ = try $0.get(0, as: [Int64].self) }
        #expect(error.message.contains("2 dimensions"))
    }

    @Test("a null among elements that cannot be null is refused")
    func nullElement() async throws {
        let error = try await refusal("SELECT array[1, NULL]::int8[]") { _ = try $0.get(0, as: [Int64].self) }
        #expect(error.code == .decoding)
    }

    @Test("a column that is not there is an error that lists those that are")
    func missing() async throws {
        let error = try await refusal("SELECT 1 AS a, 2 AS b") { _ = try $0.get("c", as: Int.self) }
        #expect(error.message.contains("a, b"))
        let index = try await refusal("SELECT 1 AS a") { _ = try $0.get(1, as: Int.self) }
        #expect(index.code == .decoding)
    }

    @Test("one row means one row", arguments: ["SELECT 1 WHERE false", "SELECT generate_series(1, 2)"])
    func one(sql: String) async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            let rows = try await pool.query(sql)
            #expect(throws: PostgresError.self) { try rows.one() }
        }
    }
}
