import Foundation
import Synchronization
import ThreadExecution

/// A Redis server of the tests' own, in a temporary folder, on 127.0.0.1, that never evicts.
package final class PrivateRedis: Sendable {
    package let host = "127.0.0.1"
    package let port: Int
    private let folder: String
    private let arguments: String
    private let process = Mutex<ServerProcess?>(nil)

    static func make(appendOnly: Bool, arguments: String) async throws -> PrivateRedis {
        let folder = try Cleanup.makeFolder("redis")
        let all = "--appendonly \(appendOnly ? "yes" : "no") \(arguments)"
        for _ in 0..<3 {
            let server = PrivateRedis(folder: folder, port: try LoopbackPort.free(), arguments: all)
            if try await server.tryStart() { return server }
        }
        throw SupportError("Redis did not start; apt install redis-server")
    }

    private init(folder: String, port: Int, arguments: String) {
        self.folder = folder
        self.port = port
        self.arguments = arguments
    }

    /// Starts the server again after ``stop(_:)``; without an append-only file it is empty.
    package func start() async throws {
        guard try await tryStart() else { throw SupportError("Redis did not start on port \(port)") }
    }

    /// Ends the server: SIGTERM in order, SIGKILL as a crash.
    package func stop(_ signal: Int32 = SIGTERM) async throws {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        try await running?.end(signal)
    }

    /// Freezes the server: connections stay open and get no answer.
    package func pause() { process.withLock { $0?.send(SIGSTOP) } }

    /// Ends ``pause()``.
    package func resume() { process.withLock { $0?.send(SIGCONT) } }

    private func tryStart() async throws -> Bool {
        let started = try await ServerProcess.start(
            "cd \(folder) && exec setpriv --pdeathsig TERM redis-server --bind \(host) --port \(port) --dir \(folder) "
                + "--save '' --maxmemory-policy noeviction \(arguments)",
            log: folder + "/log"
        )
        let pool = ComputePool(name: "start", threads: 1)
        let port = port
        let end = ContinuousClock.now + .seconds(10)
        var ready = false
        while !ready, !started.hasExited, end > .now {
            ready = try await pool.run {
                // A server with a password answers, too.
                LoopbackPort.answers(port: port, request: "PING\r\n", expected: "PONG")
                    || LoopbackPort.answers(port: port, request: "PING\r\n", expected: "NOAUTH")
            }
            if !ready { try await Task.sleep(for: .milliseconds(10)) }
        }
        await pool.shutdown()
        if ready { process.withLock { $0 = started } } else { try await started.end(SIGTERM) }
        return ready
    }
}
