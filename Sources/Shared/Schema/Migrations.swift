package import Postgres

/// The schema's history: numbered files, applied in order, never edited once applied anywhere.
package enum Migrations {
    package static let all: [PostgresMigration] = [
        migration(1, "queue", PackageResources._001_queue_sql),
        migration(2, "pricing", PackageResources._002_pricing_sql),
        migration(3, "api_keys", PackageResources._003_api_keys_sql),
        migration(4, "queue_control", PackageResources._004_queue_control_sql),
        migration(5, "schedules", PackageResources._005_schedules_sql),
        migration(6, "operations", PackageResources._006_operations_sql),
        migration(7, "decisions", PackageResources._007_decisions_sql),
        migration(8, "engines", PackageResources._008_engines_sql),
        migration(9, "floors", PackageResources._009_floors_sql),
        migration(10, "models", PackageResources._010_models_sql),
    ]

    private static func migration(_ version: Int, _ name: String, _ bytes: [UInt8]) -> PostgresMigration {
        PostgresMigration(version: version, name: name, sql: String(decoding: bytes, as: UTF8.self))
    }
}
