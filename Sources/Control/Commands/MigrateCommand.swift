import ArgumentParser
import Logging
import Postgres
import Schema

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Brings the database's schema up to date.",
        discussion: "Safe to run from many places at once, and again at any time."
    )

    func run() async throws {
        try await Stores.with { stores in
            let applied = try await SchemaCheck.migrate(stores.database, logger: Logger(label: "migrate"))
            if applied.isEmpty {
                print("schema is up to date (version \(Migrations.all.count))")
            } else {
                for migration in applied { print("applied \(migration.version) \(migration.name)") }
            }
        }
    }
}
