import Foundation

/// Runs a script of Tests/Oracles with the system's python3 and gives back what it printed.
package enum PythonScript {
    /// A few seconds of work at most on a busy machine; the rest is slack.
    private static let deadline = Duration.seconds(120)
    /// `./test` makes one with packages of its own, where it can.
    package static let interpreter =
        ProcessInfo.processInfo.environment["CLOUDOPTIM_ORACLE_PYTHON"] ?? "/usr/bin/python3"

    /// Ask before: a test that needs the oracle is skipped without it, and says so.
    package static var isPresent: Bool { access(interpreter, X_OK) == 0 }

    /// Whether that Python has a package.
    package static func has(_ package: String) -> Bool {
        // Looked for, not imported: that would take seconds.
        let find = "import importlib.util as u, sys; sys.exit(0 if u.find_spec"
        guard isPresent,
            let pipe = popen("'\(interpreter)' -c \"\(find)('\(package)') else 1)\" 2>/dev/null && echo yes", "r")
        else {
            return false
        }
        defer { pclose(pipe) }
        var line = [CChar](repeating: 0, count: 16)
        return fgets(&line, 16, pipe) != nil
    }

    package static func run(_ script: String, input: String) async throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appendingPathComponent("Oracles/\(script)").path
        let name = FileManager.default.temporaryDirectory.appendingPathComponent("oracle-\(UUID().uuidString)").path
        let (inputPath, output) = (name + ".in", name + ".out")
        defer { for path in [inputPath, output] { try? FileManager.default.removeItem(atPath: path) } }
        try input.write(toFile: inputPath, atomically: false, encoding: .utf8)
        try await finish(try spawn([path, inputPath], output: output))
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    private static func spawn(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var pid = pid_t()
        var pointers: [UnsafeMutablePointer<CChar>?] = (["python3"] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let code = posix_spawn(&pid, interpreter, &actions, nil, &pointers, environ)
        guard code == 0 else { throw SupportError("python3 does not start: errno \(code)") }
        return pid
    }

    /// Waits without holding a thread of the pool.
    private static func finish(_ pid: pid_t) async throws {
        let end = ContinuousClock.now + deadline
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard end > .now else {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                throw SupportError("the oracle did not finish within \(deadline)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        guard status == 0 else { throw SupportError("the oracle failed with status \(status)") }
    }
}
