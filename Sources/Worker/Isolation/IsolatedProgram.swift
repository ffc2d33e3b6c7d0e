import FoundationEssentials
import Jobs
import Logging
import Observability
import Postgres
import Redis
import Registry
import Settings
import ThreadExecution

#if canImport(Glibc)
    import Glibc
#endif

/// The child's side: one job from standard input, its outcome to standard output; its progress goes to the ledger.
enum IsolatedProgram {
    static let flag = "--isolated"

    /// The status of a child that could not begin: that says nothing about its job.
    static let couldNotBegin: Int32 = 75

    /// Never returns: a handler that still runs must not keep the child alive.
    static func run() async -> Never {
        // Whatever happens to the parent, no child outlives it; and if memory runs out, the suspect goes first.
        endWithParent()
        try? Data("1000".utf8).write(to: URL(filePath: "/proc/self/oom_score_adj"))
        let work: @Sendable () async -> JobOutcome
        do {
            work = try await begin()
        } catch {
            _ = writeAll(Array("an isolated job could not begin: \(error)\n".utf8), to: STDERR_FILENO)
            exit(couldNotBegin)
        }
        let outcome = await work()
        guard
            let bytes = try? JSONEncoder().encode(IsolatedOutcome(outcome)),
            writeAll(Array(bytes), to: STDOUT_FILENO)
        else { exit(couldNotBegin) }
        exit(0)
    }

    /// Reads the order and prepares what its handler needs.
    private static func begin() async throws -> @Sendable () async -> JobOutcome {
        let order = try JSONDecoder().decode(IsolatedJob.self, from: Data(readAll(STDIN_FILENO)))
        let settings = try await ServerSettings.ofProcess()
        let logger = ProcessSetup.bootstrapLogging(process: "isolated", settings.log)
        var database = try settings.database.configuration(process: "cloudoptim-isolated")
        database.parameters["options"] = JobLedger.sessionOptions
        let pool = try PostgresPool(configuration: database, size: 2, logger: logger)
        try await pool.waitUntilReady(timeout: .seconds(10))
        let redis = RedisClient(
            configuration: try settings.redis.configuration(process: "cloudoptim-isolated"),
            logger: logger
        )
        let handlers = try HandlerSet(
            pool: pool,
            redis: redis,
            settings: settings,
            process: "isolated",
            slots: 1,
            logger: logger
        )
        _ = try? await handlers.running.follow()
        limitMemory(megabytes: settings.isolatedMemoryMegabytes)
        return { await outcome(of: order, handlers, JobLedger(pool: pool), logger) }
    }

    /// A suspect that eats memory dies of it alone, before the machine does.
    private static func limitMemory(megabytes: Int) {
        var limit = rlimit(rlim_cur: rlim_t(megabytes) << 20, rlim_max: rlim_t(megabytes) << 20)
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            bytes.append(contentsOf: buffer[..<count])
        }
        return bytes
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Ends the process soon after its parent: a handler that never comes back must not live on unseen.
    ///
    /// A parent-death signal would not do: it is bound to the thread that started us, which may end before its process.
    private static func endWithParent() {
        let parent = getppid()
        OSThread.detach(name: "parent watch") {
            while getppid() == parent { usleep(200_000) }
            _exit(1)
        }
    }

    private static func outcome(
        of order: IsolatedJob,
        _ handlers: HandlerSet,
        _ ledger: JobLedger,
        _ logger: Logger
    ) async -> JobOutcome {
        guard let job = order.job, let handler = handlers.all.first(where: { $0.kind == job.kind }) else {
            return .snooze(.seconds(30))
        }
        let progress = ProgressWriter(ledger: ledger, owner: order.owner, logger: logger)
        let reporting = Task { await progress.run() }
        defer { reporting.cancel() }
        do {
            return try await handler.run(job, JobContext(lease: job.lease, progress: progress))
        } catch is CancellationError {
            // Only a lost lease: whoever holds it now goes on.
            return .cancelled
        } catch let failure as JobFailure {
            return .retry(failure)
        } catch {
            logger.error("a handler failed", metadata: ["job": "\(job.id)", "error": "\(error)"])
            return .retry(JobFailure(code: "internal_error", message: "something went wrong on our side"))
        }
    }
}
