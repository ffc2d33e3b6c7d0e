import Glibc
import Synchronization

/// A child process of the tests, ended by its id when the tests end.
enum TestProcess {
    private static let running = Mutex<Set<pid_t>>([])
    private static let cleanUp: Void = {
        atexit { TestProcess.endAll() }
    }()

    struct Failed: Error { var status: Int32 }

    /// Starts a program found in PATH, its output thrown away or written to a file.
    static func start(_ arguments: [String], output: String = "/dev/null") throws -> pid_t {
        _ = cleanUp
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var pid: pid_t = 0
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        let status = posix_spawnp(&pid, arguments[0], &actions, nil, &pointers, environ)
        guard status == 0 else { throw Failed(status: status) }
        let child = pid
        running.withLock { _ = $0.insert(child) }
        return child
    }

    /// Runs a program to its end.
    static func run(_ arguments: [String], output: String = "/dev/null") throws {
        let pid = try start(arguments, output: output)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        running.withLock { _ = $0.remove(pid) }
        guard status == 0 else { throw Failed(status: status) }
    }

    static func end(_ pid: pid_t, signal: Int32 = SIGTERM) {
        kill(pid, signal)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        running.withLock { _ = $0.remove(pid) }
    }

    private static func endAll() {
        for pid in running.withLock({ $0 }) { kill(pid, SIGINT) }
        for pid in running.withLock({ $0 }) { waitpid(pid, nil, 0) }
    }

    /// A loopback port that was free a moment ago.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else { return 0 }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }
}
