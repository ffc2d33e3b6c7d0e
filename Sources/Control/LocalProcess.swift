#if canImport(Glibc)
    import Glibc
#endif

/// A worker of a drill's own: started beside this program, ended with it.
final class LocalProcess: Sendable {
    let pid: Int32

    private init(pid: Int32) {
        self.pid = pid
    }

    /// Starts the worker that stands in this program's folder, with this program's environment.
    static func worker() throws -> LocalProcess {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = folder + "/cloudoptim-worker"
        guard access(path, X_OK) == 0 else {
            throw ControlError("there is no cloudoptim-worker beside this program; name one that runs with --pid")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let words = [path, "--lanes", "batch"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, path, &actions, nil, arguments, environ)
        guard status == 0 else { throw ControlError("\(path) cannot be started: \(String(cString: strerror(status)))") }
        return LocalProcess(pid: pid)
    }

    /// False once it has ended; its status is then taken from the system.
    var isRunning: Bool {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == 0
    }

    /// Asks it to stop; a drill does not wait for it.
    func stop() {
        if isRunning { kill(pid, SIGTERM) }
    }
}
