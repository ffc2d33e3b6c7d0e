import Foundation
package import Postgres
import Synchronization
import ThreadExecution

/// The servers that tests talk to: one PostgreSQL and one Redis per test process, started when first asked for.
///
/// `CLOUDOPTIM_TEST_PG_URL` (a superuser's) and `CLOUDOPTIM_TEST_REDIS_URL` name servers to use instead.
package actor PrivateServers {
    private static let shared = PrivateServers()

    /// One thread: databases are made one after another, so that a hundred tests do not all connect at once.
    private static let creator = ComputePool(name: "create", threads: 1)

    private var postgresStart: Task<PostgresConfiguration, any Error>?
    private var redisStart: Task<Int, any Error>?

    /// A new, empty database on the shared server; the name tells nothing and is never used twice.
    package static func freshDatabase() async throws -> PostgresConfiguration {
        var configuration = try await shared.postgres()
        let superuser = configuration
        let name = "t_" + UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
        try await creator.run {
            var session = try PostgresSession(configuration: superuser)
            // Copying files is the faster way where nothing is flushed to disk.
            try session.execute(script: "CREATE DATABASE \(name) TEMPLATE template0 STRATEGY file_copy")
        }
        configuration.database = name
        return configuration
    }

    /// The superuser's access to the shared server.
    package static func postgres() async throws -> PostgresConfiguration { try await shared.postgres() }

    /// The shared Redis; suites keep apart by the prefixes of their keys and never flush it.
    package static func redis() async throws -> (host: String, port: Int) { try await shared.redis() }

    /// A PostgreSQL of the test's own, to be stopped, killed and started again.
    ///
    /// A durable one flushes what it commits and cleans up after itself, as in production; `diskMegabytes` gives it a small
    /// disk, where ``PrivatePostgres/canMountDisks``.
    package static func startPostgres(
        isDurable: Bool = false,
        diskMegabytes: Int? = nil
    ) async throws -> PrivatePostgres {
        try await PrivatePostgres.make(isDurable: isDurable, diskMegabytes: diskMegabytes)
    }

    /// A Redis of the test's own, to be flushed, killed and started again.
    ///
    /// `arguments` are further command-line options, such as `--requirepass word`.
    package static func startRedis(appendOnly: Bool = false, arguments: String = "") async throws -> PrivateRedis {
        try await PrivateRedis.make(appendOnly: appendOnly, arguments: arguments)
    }

    private func postgres() async throws -> PostgresConfiguration {
        if let url = ProcessInfo.processInfo.environment["CLOUDOPTIM_TEST_PG_URL"] {
            var configuration = try PostgresConfiguration(url: url)
            // Two cores that build and test at once make even a connection wait.
            configuration.connectTimeout = .seconds(30)
            return configuration
        }
        let start = postgresStart ?? Task { try await PrivatePostgres.make().configuration }
        postgresStart = start
        return try await start.value
    }

    private func redis() async throws -> (host: String, port: Int) {
        if let text = ProcessInfo.processInfo.environment["CLOUDOPTIM_TEST_REDIS_URL"] {
            guard let url = URL(string: text), let host = url.host else {
                throw SupportError("CLOUDOPTIM_TEST_REDIS_URL must look like redis://host:port")
            }
            return (host, url.port ?? 6379)
        }
        let start = redisStart ?? Task { try await PrivateRedis.make(appendOnly: false, arguments: "").port }
        redisStart = start
        return ("127.0.0.1", try await start.value)
    }
}
