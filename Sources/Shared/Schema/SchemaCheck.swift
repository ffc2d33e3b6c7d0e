package import Logging
package import Postgres

/// The schema this build needs, against the database it finds.
package enum SchemaCheck {
    /// Brings the database up to date; safe to run from many places at once.
    ///
    /// - Returns: What was applied now.
    package static func migrate(_ database: PostgresConfiguration, logger: Logger) async throws -> [PostgresMigration] {
        try await PostgresMigrator(configuration: database, migrations: Migrations.all, logger: logger).migrate()
    }

    /// Refuses a database of another schema: a process that runs on it would misread jobs.
    ///
    /// - Throws: `PostgresError` `.migration` that says what to do.
    package static func requireCurrent(_ database: PostgresConfiguration, logger: Logger) async throws {
        let migrator = try PostgresMigrator(configuration: database, migrations: Migrations.all, logger: logger)
        let pending = try await migrator.pending()
        guard pending.isEmpty else {
            throw PostgresError(
                .migration,
                "the database's schema is older than this build; run `cloudoptim migrate` first"
            )
        }
    }
}
