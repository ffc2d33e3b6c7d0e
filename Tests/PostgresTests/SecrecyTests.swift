import Logging
import Support
import Testing

@testable import Postgres

@Suite("Errors tell no secrets") struct SecrecyTests {
    private static let secret = "tiger-\"42\"-secret"

    @Test("a value never appears in an error, however the server refuses it")
    func values() async throws {
        let statements = [
            "SELECT $1::int8", "SELECT $1::uuid", "SELECT $1::jsonb", "SELECT $1::timestamptz", "SELECT $1::inet",
            "SELECT $1::int8[]", "SELECT $1::mood", "INSERT INTO t VALUES ($1)", "SELECT ('x' || $1)::numeric",
            "SELECT decode($1, 'hex')", "SELECT 'a' ~ ('[' || $1)", "SELECT to_timestamp($1, 'YYYY')",
            "SELECT set_config('statement_timeout', $1, false)", "INSERT INTO short VALUES ($1)", "SELECT $1::interval",
        ]
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            try await pool.query("CREATE TYPE mood AS ENUM ('calm')")
            try await pool.query("CREATE TABLE t (a text UNIQUE CHECK (a <> 'never'))")
            try await pool.query("CREATE TABLE short (a varchar(3))")
            try await pool.query("INSERT INTO t VALUES ($1)", [.text(Self.secret)])
            for sql in statements {
                let error = await Fixture.failure { try await pool.query(sql, [.text(Self.secret)]) }
                let text = try #require(error, "\(sql)").description + String(reflecting: error)
                #expect(!text.contains("tiger") && !text.contains("42\\\"") && !text.contains("\n"), "\(sql)")
            }
        }
    }

    @Test("a refused password is not repeated")
    func password() async throws {
        var configuration = try await PrivateServers.freshDatabase()
        configuration.password = Self.secret
        let pool = try PostgresPool(configuration: configuration, size: 2, logger: Fixture.logger)
        let error = await Fixture.failure { try await pool.query("SELECT 1") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.description.contains("tiger") == false)
        await pool.shutdown()
    }

    @Test(
        "the text between the first and the last quotation mark of a data exception is cut out",
        arguments: [
            ("22P02", "invalid input for uuid: \"a\"b\"", "invalid input for uuid: \"…\""),
            ("22012", "division by zero", "division by zero"),
            ("42P01", "relation \"t\" does not exist", "relation \"t\" does not exist"),
            ("22003", "value \"1\" is out of range for \"int2\"", "value \"…\""),
            ("22000", "odd \" mark", "odd \" mark"),
        ]
    )
    func redaction(state: String, message: String, expected: String) {
        #expect(PostgresError.withoutValues(message, sqlState: state) == expected)
    }

    @Test("only what can be tried again calls itself retryable")
    func retryable() {
        for state in ["40001", "40P01", "53300"] {
            #expect(PostgresError(.server, "", sqlState: state).isRetryable)
        }
        for state in ["23505", "42601", "22012"] {
            #expect(!PostgresError(.server, "", sqlState: state).isRetryable)
        }
        #expect(PostgresError(.connectionLost, "").isRetryable && PostgresError(.connectionFailed, "").isRetryable)
        #expect(!PostgresError(.timeout, "").isRetryable && !PostgresError(.migration, "").isRetryable)
    }
}
