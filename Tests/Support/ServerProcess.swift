import Foundation
import Synchronization
import ThreadExecution

/// A server that a test started: ends with the test process, however that ends.
package final class ServerProcess: Sendable {
    package let pid: Int32
    private let exitStatus = Mutex<Int32?>(nil)

    /// Runs a shell command line, which should `exec` the server so that the process id is the server's own.
    ///
    /// The child is started from a thread that outlives it: its death signal comes when that thread ends, not when the
    /// process does.
    package static func start(_ commandLine: String, log: String) async throws -> ServerProcess {
        try await withCheckedThrowingContinuation { continuation in
            let started = OSThread.detach(name: "server") {
                guard let pid = spawn(commandLine, log: log) else {
                    continuation.resume(throwing: SupportError("cannot start a process for: \(commandLine)"))
                    return
                }
                let process = ServerProcess(pid: pid)
                Cleanup.add(pid: pid)
                continuation.resume(returning: process)
                var status: Int32 = 0
                while waitpid(pid, &status, 0) == -1 && errno == EINTR {}
                Cleanup.remove(pid: pid)
                process.exitStatus.withLock { $0 = status }
            }
            if !started { continuation.resume(throwing: SupportError("no thread for a server")) }
        }
    }

    private init(pid: pid_t) { self.pid = pid }

    package var hasExited: Bool { exitStatus.withLock { $0 != nil } }

    package var exitedCleanly: Bool { exitStatus.withLock { $0 == 0 } }

    package func send(_ signal: Int32) { if !hasExited { kill(pid, signal) } }

    /// Sends a signal and waits for the end; after ten seconds, kills.
    package func end(_ signal: Int32) async throws {
        send(signal)
        try await exited(within: .seconds(10))
        if !hasExited { send(SIGKILL) }
        try await exited(within: .seconds(5))
    }

    /// Waits for the end of a command that ends by itself.
    package func exited(within patience: Duration) async throws {
        let end = ContinuousClock.now + patience
        while !hasExited, end > .now { try await Task.sleep(for: .milliseconds(10)) }
    }

    private static func spawn(_ commandLine: String, log: String) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A group of its own: a Ctrl-C at the terminal is for the tests, which then end the servers.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var pid: pid_t = 0
        let arguments = ["/bin/sh", "-c", commandLine].map { (text: String) in strdup(text) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ) == 0 ? pid : nil
    }
}

/// Why a fixture could not be set up.
package struct SupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
