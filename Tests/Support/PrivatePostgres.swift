import Foundation
package import Postgres
import Synchronization
import ThreadExecution

/// A PostgreSQL server of the tests' own, in a temporary folder, on 127.0.0.1.
package final class PrivatePostgres: Sendable {
    /// The superuser's access to the database `postgres`.
    package let configuration: PostgresConfiguration
    private let folder: String
    private let isDurable: Bool
    private let process = Mutex<ServerProcess?>(nil)

    /// Makes a new cluster and starts it.
    static func make(isDurable: Bool = false, diskMegabytes: Int? = nil) async throws -> PrivatePostgres {
        let folder = try Cleanup.makeFolder("pg")
        if let diskMegabytes { try await mountDisk(folder, megabytes: diskMegabytes) }
        let password = UUID().uuidString
        try password.write(toFile: folder + "/password", atomically: false, encoding: .utf8)
        if getuid() == 0 {
            guard let user = getpwnam("postgres") else {
                throw SupportError("there is no user postgres; apt install postgresql")
            }
            for path in [folder, folder + "/password"] { chown(path, user.pointee.pw_uid, user.pointee.pw_gid) }
        }
        let initdb = try await ServerProcess.start(
            command(
                folder,
                "INT",
                "initdb -D \(folder)/data -U postgres -E UTF8 --locale=C.UTF-8 -A scram-sha-256 --no-sync --no-instructions "
                    + "--pwfile=\(folder)/password"
            ),
            log: folder + "/log"
        )
        try await initdb.exited(within: .seconds(60))
        guard initdb.exitedCleanly else { throw SupportError("initdb failed: \(Self.log(folder))") }
        // Somebody may take the port in between: then another one.
        for _ in 0..<3 {
            let server = PrivatePostgres(
                folder: folder,
                port: try LoopbackPort.free(),
                password: password,
                isDurable: isDurable
            )
            if try await server.tryStart() { return server }
        }
        throw SupportError("PostgreSQL did not start: \(Self.log(folder))")
    }

    private init(folder: String, port: Int, password: String, isDurable: Bool) {
        self.folder = folder
        self.isDurable = isDurable
        self.configuration = PostgresConfiguration(
            host: "127.0.0.1",
            port: port,
            database: "postgres",
            user: "postgres",
            password: password,
            applicationName: "tests",
            // Two cores that build and test at once make even a connection wait.
            connectTimeout: .seconds(30)
        )
    }

    /// Starts the server again after ``stop(_:)``, on the same port with the same data.
    package func start() async throws {
        guard try await tryStart() else { throw SupportError("PostgreSQL did not start: \(Self.log(folder))") }
    }

    /// Ends the server: SIGINT disconnects everybody and stops; SIGQUIT and SIGKILL are crashes.
    package func stop(_ signal: Int32 = SIGINT) async throws {
        let running = process.withLock { process in
            defer { process = nil }
            return process
        }
        try await running?.end(signal)
    }

    /// Starts the server again if it has ended by itself.
    package func startIfStopped() async throws {
        if process.withLock({ $0?.hasExited ?? true }) { try await start() }
    }

    /// Freezes the postmaster, so that new connections get no answer; sessions go on.
    package func pause() { process.withLock { $0?.send(SIGSTOP) } }

    /// Ends ``pause()``.
    package func resume() { process.withLock { $0?.send(SIGCONT) } }

    /// Freezes the postmaster and all its sessions: whoever waits for an answer waits.
    package func freeze() { for pid in family { kill(pid, SIGSTOP) } }

    /// Ends ``freeze()``.
    package func thaw() { for pid in family.reversed() { kill(pid, SIGCONT) } }

    /// The postmaster first, then its children.
    private var family: [pid_t] {
        guard let postmaster = process.withLock({ $0 })?.pid else { return [] }
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
        return [postmaster]
            + all.filter { pid in
                // "pid (name) state parent …": the name may hold anything, so from its last bracket on.
                guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                    let end = text.lastIndex(of: ")")
                else { return false }
                let fields = text[end...].split(separator: " ")
                return fields.count > 2 && pid_t(fields[2]) == postmaster
            }
    }

    /// Takes all that is left of a disk of its own; ``freeDisk()`` gives it back.
    package func fillDisk() throws {
        let file = open(folder + "/ballast", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { throw SupportError("cannot fill \(folder)") }
        defer { close(file) }
        // Piece by piece, since the server takes and gives back meanwhile.
        let piece = [UInt8](repeating: 0, count: 64 << 10)
        while write(file, piece, piece.count) > 0 {}
    }

    package func freeDisk() { unlink(folder + "/ballast") }

    /// Whether ``PrivateServers/startPostgres(isDurable:diskMegabytes:)`` can give it a small disk: mounting needs rights.
    package static let canMountDisks: Bool = {
        let place = NSTemporaryDirectory() + "cloudoptim-mount-\(getpid())"
        mkdir(place, 0o700)
        defer { rmdir(place) }
        guard getuid() == 0, mount("tmpfs", place, "tmpfs", 0, "size=1m") == 0 else { return false }
        return umount2(place, Int32(MNT_DETACH)) == 0
    }()

    private static func mountDisk(_ folder: String, megabytes: Int) async throws {
        guard mount("tmpfs", folder, "tmpfs", 0, "size=\(megabytes)m,mode=755") == 0 else {
            throw SupportError("cannot mount a disk at \(folder); only root may")
        }
        Cleanup.add(mount: folder)
    }

    private func tryStart() async throws -> Bool {
        let speed =
            isDurable
            ? ["fsync=on", "max_wal_size=1GB", "shared_buffers=256MB", "autovacuum=on", "autovacuum_naptime=5s"]
            : [
                "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=256MB",
                "shared_buffers=32MB", "autovacuum=off",
            ]
        let options =
            (speed + [
                "max_connections=200", "listen_addresses=127.0.0.1", "unix_socket_directories=\(folder)",
                "port=\(configuration.port)", "log_min_messages=fatal",
            ]).map { "-c \($0)" }.joined(separator: " ")
        // INT, since TERM would wait for clients to leave.
        let started = try await ServerProcess.start(
            Self.command(folder, "INT", "postgres -D \(folder)/data \(options)"),
            log: folder + "/log"
        )
        let configuration = configuration
        let pool = ComputePool(name: "start", threads: 1)
        let end = ContinuousClock.now + .seconds(30)
        var ready = false
        while !ready, !started.hasExited, end > .now {
            ready = try await pool.run {
                guard var session = try? PostgresSession(configuration: configuration) else { return false }
                return (try? session.query("SELECT 1")) != nil
            }
            if !ready { try await Task.sleep(for: .milliseconds(20)) }
        }
        await pool.shutdown()
        if ready {
            process.withLock { $0 = started }
        } else {
            try await started.end(SIGINT)
        }
        return ready
    }

    /// PostgreSQL refuses to run as root; the death signal is set last, since a change of user would clear it.
    private static func command(_ folder: String, _ deathSignal: String, _ server: String) throws -> String {
        let user = getuid() == 0 ? "--reuid=postgres --regid=postgres --clear-groups" : ""
        return "cd \(folder) && exec setpriv \(user) --pdeathsig \(deathSignal) \(try binaries())/\(server)"
    }

    private static func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
        guard let newest = versions.max() else {
            throw SupportError("no PostgreSQL in \(root); apt install postgresql")
        }
        return "\(root)/\(newest)/bin"
    }

    private static func log(_ folder: String) -> String {
        let text = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "no log"
        return String(text.suffix(2_000))
    }
}
