import Logging
import Postgres
import Support
import Synchronization
import Testing

/// What a test works with; the logger is silent, since failing connections are what many tests are about.
enum Fixture {
    static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with a pool on a database of its own.
    static func withPool<Result>(
        size: Int = 4,
        queueLimit: Int = 4_096,
        statementTimeout: Duration = .seconds(30),
        _ body: (PostgresPool, PostgresConfiguration) async throws -> Result
    ) async throws -> Result {
        var configuration = try await PrivateServers.freshDatabase()
        configuration.statementTimeout = statementTimeout
        let pool = try PostgresPool(configuration: configuration, size: size, queueLimit: queueLimit, logger: logger)
        do {
            let result = try await body(pool, configuration)
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// Runs `body` with one pipelined connection on a database of its own, and a pool to look at it from outside.
    static func withConnection<Result>(
        queueLimit: Int = 1_024,
        statementTimeout: Duration = .seconds(30),
        _ body: (PostgresConnection, PostgresPool) async throws -> Result
    ) async throws -> Result {
        try await withPool(size: 2, statementTimeout: statementTimeout) { pool, configuration in
            let connection = try PostgresConnection(
                configuration: configuration,
                queueLimit: queueLimit,
                logger: logger
            )
            do {
                let result = try await body(connection, pool)
                await connection.shutdown()
                return result
            } catch {
                await connection.shutdown()
                throw error
            }
        }
    }

    /// How much later than asked a plain sleep ends, while `body` runs: what the machine's load adds to every deadline.
    static func timed(_ body: () async throws -> Void) async rethrows -> (took: Duration, lag: Duration) {
        let asked = Duration.milliseconds(300)
        async let control = ContinuousClock().measure { try? await Task.sleep(for: asked) }
        let took = try await ContinuousClock().measure { try await body() }
        return (took, max(.zero, await control - asked))
    }

    /// What a call threw, or nil.
    static func failure(_ body: () async throws -> Void) async -> PostgresError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PostgresError
        }
    }
}

/// Counts what happens in many tasks.
final class Tally: Sendable {
    private let value = Atomic<Int>(0)

    var total: Int { value.load(ordering: .relaxed) }

    func count() { value.add(1, ordering: .relaxed) }
}

extension PostgresPool {
    /// Whether a session runs a statement with this text in it, other than the asking one.
    func isRunning(_ text: String) async throws -> Bool {
        try await query(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
            AND strpos(query, $1) > 0
            """,
            [.text(text)]
        ).one().get(0, as: Int.self) > 0
    }
}
