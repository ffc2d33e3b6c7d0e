package import Logging
import ThreadExecution

/// Brings a schema up to date, step by step, however many processes try at once.
///
/// Each step runs in a transaction together with its record in `schema_migrations`, so it is applied wholly or not at
/// all. An advisory lock of the session lets one process work while the others wait and then find nothing to do.
package struct PostgresMigrator: Sendable {
    /// Any number that no other program uses for advisory locks in this database.
    private static let lock: Int64 = 0x636C_6F75_646F_7074

    private let configuration: PostgresConfiguration
    private let migrations: [PostgresMigration]
    private let logger: Logger
    private let patience: Duration

    /// Takes the steps in any order; `patience` limits the wait for another process that migrates, and each step.
    ///
    /// - Throws: ``PostgresError/Code/migration`` when the versions are not 1, 2, 3, …
    package init(
        configuration: PostgresConfiguration,
        migrations: [PostgresMigration],
        logger: Logger,
        patience: Duration = .seconds(600)
    ) throws(PostgresError) {
        let sorted = migrations.sorted { $0.version < $1.version }
        for (index, migration) in sorted.enumerated() where migration.version != index + 1 {
            throw PostgresError(
                .migration,
                "the migrations must be numbered 1 to \(sorted.count) without gap or repetition; "
                    + "number \(index + 1) is missing or number \(migration.version) occurs twice"
            )
        }
        var configuration = configuration
        configuration.statementTimeout = patience
        self.configuration = configuration
        self.migrations = sorted
        self.logger = logger
        self.patience = patience
    }

    /// Applies what is missing.
    ///
    /// - Returns: What this call applied.
    /// - Throws: ``PostgresError/Code/migration`` when the database holds a step that differs from ours or that we do
    ///   not know; the server's error, naming the step, when a step fails.
    @discardableResult
    package func migrate() async throws -> [PostgresMigration] {
        try await onThread { session in
            try acquireLock(&session)
            // The session ends right after, and the lock with it.
            try createTable(&session)
            let applied = try check(&session)
            var done: [PostgresMigration] = []
            for migration in migrations.dropFirst(applied) {
                try apply(migration, &session)
                logger.info(
                    "migration applied",
                    metadata: ["version": "\(migration.version)", "name": "\(migration.name)"]
                )
                done.append(migration)
            }
            return done
        }
    }

    /// What would be applied; changes nothing.
    package func pending() async throws -> [PostgresMigration] {
        try await onThread { session in Array(migrations.dropFirst(try check(&session))) }
    }

    /// The newest version the database records, 0 for an empty one; changes nothing.
    package func currentVersion() async throws -> Int {
        try await onThread { session in
            guard try hasTable(&session) else { return 0 }
            return try session.query("SELECT coalesce(max(version), 0)::int8 FROM schema_migrations").one().get(0)
        }
    }

    // MARK: On a thread of its own

    private func onThread<T: Sendable>(
        _ body: @escaping @Sendable (inout PostgresSession) throws -> T
    ) async throws -> T {
        let pool = ComputePool(name: "migrate", threads: 1)
        let configuration = configuration
        do {
            let result = try await pool.run {
                var session = try PostgresSession(configuration: configuration)
                return try body(&session)
            }
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// Asks again and again instead of waiting inside the server: a waiting statement would hold a snapshot, on which
    /// `CREATE INDEX CONCURRENTLY` of the process at work would wait in turn.
    private func acquireLock(_ session: inout PostgresSession) throws(PostgresError) {
        let end = ContinuousClock.now + patience
        while try !session.query("SELECT pg_try_advisory_lock($1)", [.int(Self.lock)]).one().get(0, as: Bool.self) {
            guard end > .now else {
                throw PostgresError(.migration, "another process has been migrating for \(patience); look at it")
            }
            ThreadPause.pause(milliseconds: 50)
        }
    }

    private func createTable(_ session: inout PostgresSession) throws(PostgresError) {
        guard try !hasTable(&session) else { return }
        try session.execute(
            script: """
                CREATE TABLE schema_migrations (
                    version int8 PRIMARY KEY,
                    name text NOT NULL,
                    checksum text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
        )
    }

    private func hasTable(_ session: inout PostgresSession) throws(PostgresError) -> Bool {
        try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL").one().get(0)
    }

    /// Compares what is recorded with what we know.
    ///
    /// - Returns: How many steps are applied.
    private func check(_ session: inout PostgresSession) throws(PostgresError) -> Int {
        guard try hasTable(&session) else { return 0 }
        let checksums: [String] = try session.query(
            "SELECT array(SELECT encode(sha256(body), 'hex') FROM unnest($1::bytea[]) WITH ORDINALITY t(body, n) ORDER BY n)",
            [.bytesArray(migrations.map { Array($0.sql.utf8) })]
        ).one().get(0)
        let rows = try session.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version")
        for (index, row) in rows.enumerated() {
            let version: Int = try row.get("version")
            let name: String = try row.get("name")
            guard version == index + 1 else {
                throw PostgresError(
                    .migration,
                    "the database records migration \(version) but not \(index + 1); restore its record"
                )
            }
            guard index < migrations.count else {
                throw PostgresError(
                    .migration,
                    "the database is at migration \(version) (\(name)), which this program does not know; "
                        + "run a newer program"
                )
            }
            guard try row.get("checksum", as: String.self) == checksums[index] else {
                throw PostgresError(
                    .migration,
                    "migration \(version) (\(name)) was changed after it had been applied; restore its text and "
                        + "write a new migration"
                )
            }
        }
        return rows.count
    }

    private func apply(_ migration: PostgresMigration, _ session: inout PostgresSession) throws(PostgresError) {
        do throws(PostgresError) {
            try session.execute(script: "BEGIN")
            try session.execute(script: migration.sql)
            guard session.isInTransaction else {
                throw PostgresError(.migration, "it ended its own transaction; remove COMMIT and ROLLBACK from it")
            }
            _ = try session.query(
                """
                INSERT INTO schema_migrations (version, name, checksum)
                VALUES ($1, $2, encode(sha256($3), 'hex'))
                """,
                [.int(Int64(migration.version)), .text(migration.name), .bytes(Array(migration.sql.utf8))]
            )
            try session.execute(script: "COMMIT")
        } catch {
            throw PostgresError(
                error.code,
                "migration \(migration.version) (\(migration.name)) failed: \(error.message)",
                sqlState: error.sqlState
            )
        }
    }
}
