import FoundationEssentials
import Glibc
import Logging
import Redis

/// A redis-server of a test's own: a fresh directory, a free loopback port, gone at the end.
final class PrivateRedis: Sendable {
    let port: Int
    let socketPath: String
    private let directory: String
    private let options: [String]
    private let process = Box<pid_t?>(nil)

    private init(options: [String]) throws {
        directory = FileManager.default.temporaryDirectory.path + "/redis-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        socketPath = directory + "/redis.sock"
        port = try LoopbackListener.freePort()
        self.options = options
    }

    /// Runs `body` with a server that answers, and ends the server whatever happens.
    static func with(_ options: String..., body: (PrivateRedis) async throws -> Void) async throws {
        let server = try PrivateRedis(options: options)
        defer { server.remove() }
        try await server.start()
        try await body(server)
    }

    /// Starts the server, again on the same port after ``kill()``, and returns when it answers.
    func start() async throws {
        let arguments =
            [
                "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", directory, "--save", "",
                "--appendonly", "no", "--logfile", directory + "/log", "--unixsocket", socketPath,
                "--enable-debug-command", "yes",
            ] + options
        var pid = pid_t()
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let status = posix_spawnp(&pid, "redis-server", nil, nil, &pointers, environ)
        guard status == 0 else { throw TestFailure("redis-server did not start: error \(status)") }
        process.value = pid
        let probe = RedisConnection(configuration: RedisConfiguration(port: port), logger: .quiet)
        let answered = await eventually {
            do throws(RedisError) {
                try await probe.ping()
                return true
            } catch {
                return error.serverCode == "NOAUTH"
            }
        }
        await probe.shutdown()
        guard answered else { throw TestFailure("redis-server did not answer on port \(port)") }
    }

    /// Ends the server at once, as a crash does.
    func kill() {
        guard let pid = process.take() else { return }
        _ = Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// Stops the server from doing anything while its sockets stay open.
    func freeze() { signal(SIGSTOP) }

    func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        if let pid = process.value { _ = Glibc.kill(pid, number) }
    }

    private func remove() {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: Clients

    /// Deadlines short enough for a test, long enough for a busy machine.
    func configuration(
        connectTimeout: Duration = .seconds(1),
        commandTimeout: Duration = .seconds(5),
        password: String? = nil
    ) -> RedisConfiguration {
        var configuration = RedisConfiguration(port: port, password: password)
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

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Logger {
    /// Losing connections is what these tests are about; the log would only hide failures.
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Asks until the answer is yes, or the time is up.
///
/// Returns the last answer.
func eventually(within limit: Duration = .seconds(15), _ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}

/// The error that `body` throws; nil when it throws none.
func failure(_ body: () async throws(RedisError) -> Void) async -> RedisError? {
    do throws(RedisError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
