import Logging
import Postgres
import Support
import Testing

@Suite("Migrations") struct MigratorTests {
    private static let steps = [
        PostgresMigration(version: 1, name: "first", sql: "CREATE TABLE a (x int8); CREATE INDEX a_x ON a (x);"),
        PostgresMigration(version: 2, name: "second", sql: "INSERT INTO a VALUES (1), (2); -- a comment at the end"),
        PostgresMigration(
            version: 3,
            name: "third",
            sql: "DO $$ BEGIN PERFORM pg_sleep(0.1); END $$; CREATE TABLE b ()"
        ),
    ]

    private func migrator(
        _ configuration: PostgresConfiguration,
        _ steps: [PostgresMigration] = steps
    ) throws -> PostgresMigrator {
        try PostgresMigrator(configuration: configuration, migrations: steps, logger: Fixture.logger)
    }

    @Test("steps are applied in order, once, and recorded with their checksum")
    func applies() async throws {
        try await Fixture.withPool(size: 2) { pool, configuration async throws in
            let migrator = try migrator(configuration, Self.steps.reversed())
            #expect(try await migrator.currentVersion() == 0)
            #expect(try await migrator.pending() == Self.steps)
            #expect(try await migrator.migrate() == Self.steps)
            #expect(try await migrator.migrate() == [])
            #expect(try await migrator.pending() == [])
            #expect(try await migrator.currentVersion() == 3)
            #expect(try await pool.query("SELECT count(*) FROM a").one().get(0) == 2)
            let rows = try await pool.query(
                "SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY 1"
            )
            #expect(try rows.map { try $0.get("name", as: String.self) } == ["first", "second", "third"])
            #expect(try rows.allSatisfy { try $0.get("checksum", as: String.self).count == 64 })
        }
    }

    @Test("eight that migrate at once apply each step once")
    func concurrent() async throws {
        try await Fixture.withPool(size: 2) { pool, configuration async throws in
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await migrator(configuration).migrate().count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.sorted() == [0, 0, 0, 0, 0, 0, 0, 3])
            #expect(try await pool.query("SELECT count(*) FROM a").one().get(0) == 2)
        }
    }

    @Test("a step that was changed after it had been applied stops everything")
    func changed() async throws {
        try await Fixture.withPool(size: 2) { pool, configuration async throws in
            try await migrator(configuration).migrate()
            var steps = Self.steps
            steps[1] = PostgresMigration(version: 2, name: "second", sql: "INSERT INTO a VALUES (1), (3)")
            steps.append(PostgresMigration(version: 4, name: "fourth", sql: "CREATE TABLE c ()"))
            let changed = try migrator(configuration, steps)
            let error = await Fixture.failure { try await changed.migrate() }
            #expect(error?.code == .migration && error?.message.contains("2 (second) was changed") == true)
            #expect(await Fixture.failure { _ = try await changed.pending() }?.code == .migration)
            #expect(try await pool.query("SELECT to_regclass('c') IS NULL").one().get(0) == true)
        }
    }

    @Test("a database of a newer program is refused")
    func newer() async throws {
        try await Fixture.withPool(size: 2) { _, configuration async throws in
            try await migrator(configuration).migrate()
            let error = await Fixture.failure {
                try await migrator(configuration, Array(Self.steps.prefix(2))).migrate()
            }
            #expect(error?.code == .migration && error?.message.contains("third") == true)
        }
    }

    @Test("a record that is missing is noticed")
    func missingRecord() async throws {
        try await Fixture.withPool(size: 2) { pool, configuration async throws in
            try await migrator(configuration).migrate()
            try await pool.query("DELETE FROM schema_migrations WHERE version = 2")
            let error = await Fixture.failure { try await migrator(configuration).migrate() }
            #expect(error?.code == .migration && error?.message.contains("not 2") == true)
        }
    }

    @Test("numbers with a gap, a repetition or a wrong start are refused", arguments: [[1, 3], [1, 1], [2], [0, 1]])
    func numbering(versions: [Int]) {
        let steps = versions.map { PostgresMigration(version: $0, name: "n", sql: "") }
        let configuration = PostgresConfiguration(database: "d", user: "u")
        let error = #expect(throws: PostgresError.self) { try migrator(configuration, steps) }
        #expect(error?.code == .migration)
    }

    @Test("a step that fails is undone, named, and can be tried again")
    func failing() async throws {
        try await Fixture.withPool(size: 2) { pool, configuration async throws in
            var steps = Self.steps
            steps[2] = PostgresMigration(version: 3, name: "third", sql: "CREATE TABLE b (); SELECT 1 / 0;")
            let error = await Fixture.failure { try await migrator(configuration, steps).migrate() }
            #expect(error?.sqlState == "22012" && error?.message.contains("migration 3 (third)") == true)
            #expect(try await migrator(configuration).currentVersion() == 2)
            #expect(try await pool.query("SELECT to_regclass('b') IS NULL").one().get(0) == true)
            #expect(try await migrator(configuration).migrate().map(\.version) == [3])
        }
    }

    @Test("a step that ends its own transaction is refused", arguments: ["COMMIT", "ROLLBACK"])
    func ownTransaction(command: String) async throws {
        try await Fixture.withPool(size: 2) { _, configuration async throws in
            let steps = [PostgresMigration(version: 1, name: "sly", sql: "SELECT 1; \(command);")]
            let error = await Fixture.failure { try await migrator(configuration, steps).migrate() }
            #expect(error?.code == .migration)
            #expect(try await migrator(configuration).currentVersion() == 0)
        }
    }
}
