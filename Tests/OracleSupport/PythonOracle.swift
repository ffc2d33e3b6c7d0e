package import Contract
import FoundationEssentials
import Glibc

/// Runs a script of Tests/Oracles and reads the JSON it prints.
package enum PythonOracle {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Three seconds of work at most on a busy machine; the rest is slack.
    private static let deadline = Duration.seconds(120)

    package static var isPresent: Bool { access("/usr/bin/python3", X_OK) == 0 }

    package static func run(_ script: String, _ arguments: [String]) async throws -> JSONValue {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appending(path: "Oracles").appending(path: script).path()
        let output = FileManager.default.temporaryDirectory.appending(path: "oracle-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: output) }
        try await finish(try spawn([path] + arguments, output: output.path()))
        return try JSONParser.parse([UInt8](try Data(contentsOf: output)))
    }

    private static func spawn(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var pid = pid_t()
        let words = ["python3"] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let code = posix_spawn(&pid, "/usr/bin/python3", &actions, nil, &pointers, environ)
        guard code == 0 else { throw Failed(description: "python3 does not start: errno \(code)") }
        return pid
    }

    /// Waits without holding a thread of the pool.
    private static func finish(_ pid: pid_t) async throws {
        let start = ContinuousClock.now
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard ContinuousClock.now - start < deadline else {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw Failed(description: "the oracle did not finish in time")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        guard status == 0 else { throw Failed(description: "the oracle failed with status \(status)") }
    }
}
