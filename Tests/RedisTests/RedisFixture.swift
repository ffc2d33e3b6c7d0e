import Glibc
import Logging
import Redis
import Support

/// A Redis server of one test's own, and clients for it with a test's deadlines.
struct RedisFixture {
    private let server: PrivateRedis

    var port: Int { server.port }

    /// Runs `body` with a server that answers, and ends the server whatever happens.
    static func with(_ arguments: String = "", body: (RedisFixture) async throws -> Void) async throws {
        let server = try await PrivateServers.startRedis(arguments: arguments)
        do {
            try await body(RedisFixture(server: server))
        } catch {
            try await server.stop(SIGKILL)
            throw error
        }
        try await server.stop(SIGKILL)
    }

    /// Starts the server again on the same port, after ``kill()``.
    func start() async throws { try await server.start() }

    /// Ends the server at once, as a crash does.
    func kill() async throws { try await server.stop(SIGKILL) }

    /// Stops the server from doing anything while its sockets stay open.
    func freeze() { server.pause() }

    func thaw() { server.resume() }

    /// Deadlines that do not hold up the tests for long, and leave room for a busy machine.
    func configuration(
        connectTimeout: Duration = .seconds(3),
        commandTimeout: Duration = .seconds(5),
        password: String? = nil
    ) -> RedisConfiguration {
        var configuration = RedisConfiguration(host: server.host, port: port, password: password)
        configuration.connectTimeout = connectTimeout
        configuration.commandTimeout = commandTimeout
        configuration.clientName = "a test"
        return configuration
    }

    /// Runs `body` with a connection and shuts it down, also when `body` throws.
    func connected(
        _ configuration: RedisConfiguration? = nil,
        body: (RedisConnection) async throws -> Void
    ) async throws {
        let connection = RedisConnection(configuration: configuration ?? self.configuration(), logger: .quiet)
        do {
            try await body(connection)
        } catch {
            await connection.shutdown()
            throw error
        }
        await connection.shutdown()
    }
}

extension Logger {
    /// Losing connections is what these tests are about; the log would only hide failures.
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
