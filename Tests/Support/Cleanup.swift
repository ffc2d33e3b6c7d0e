import Foundation
import Synchronization

/// Ends servers and removes their folders when the test process exits.
///
/// A process that is killed cannot: then the kernel's death signal ends the servers, and the next test process removes
/// the folders.
enum Cleanup {
    private struct State {
        var pids: Set<pid_t> = []
        var folders: Set<String> = []
        var mounts: Set<String> = []
        var registered = false
    }

    private static let state = Mutex(State())
    private static let prefix = "cloudoptim-test-"

    static func add(pid: pid_t) { change { $0.pids.insert(pid) } }

    static func add(mount: String) { change { $0.mounts.insert(mount) } }

    static func remove(pid: pid_t) { change { $0.pids.remove(pid) } }

    /// A new folder that goes when the process exits.
    static func makeFolder(_ name: String) throws -> String {
        removeLeftovers()
        let path = "/tmp/\(prefix)\(getpid())-\(name)-\(UInt32.random(in: .min ... .max))"
        // Never an existing one: in a folder open to all, somebody else may have put it there.
        guard mkdir(path, 0o755) == 0 else { throw SupportError("cannot make the folder \(path)") }
        change { $0.folders.insert(path) }
        return path
    }

    private static func change<Result>(_ body: (inout State) -> Result) {
        state.withLock { state in
            if !state.registered {
                state.registered = true
                atexit { Cleanup.endAll() }
            }
            _ = body(&state)
        }
    }

    private static func endAll() {
        let (pids, folders, mounts) = state.withLock { ($0.pids, $0.folders, $0.mounts) }
        for pid in pids {
            kill(pid, SIGCONT)
            kill(pid, SIGINT)
        }
        let end = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < end, pids.contains(where: { kill($0, 0) == 0 }) { usleep(10_000) }
        for pid in pids where kill(pid, 0) == 0 { kill(pid, SIGKILL) }
        for mount in mounts { umount2(mount, Int32(MNT_DETACH)) }
        for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix(prefix) {
            let parts = name.dropFirst(prefix.count).split(separator: "-")
            guard let owner = parts.first.flatMap({ pid_t($0) }), kill(owner, 0) == -1, errno == ESRCH else { continue }
            try? FileManager.default.removeItem(atPath: "/tmp/\(name)")
        }
    }
}
