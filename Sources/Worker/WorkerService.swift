import FoundationEssentials
import Jobs
import Logging
import Postgres
import Redis
import Registry
import Schema
import ServiceLifecycle
import Settings
import Synchronization
import ThreadExecution

/// A worker's parts, wired, from start to a clean stop.
struct WorkerService: Service {
    /// Running jobs may end by themselves for this long after a stop was asked for; then they are handed back.
    private static let stopGrace: Duration = .seconds(1)
    /// And the handing back may take this long: together they keep the promise of two seconds.
    private static let handBackLimit: Duration = .milliseconds(500)

    private let pool: PostgresPool
    private let redis: RedisClient
    private let streamReader: RedisStreamReader
    private let heartbeat: HeartbeatThread
    private let table: LeaseTable
    private let runner: JobRunner
    private let consumer: Consumer
    private let handlers: HandlerSet
    private let logger: Logger
    private let end: EndSignal

    /// Connects, checks the stores, and wires.
    ///
    /// - Throws: `PostgresError` when the ledger does not answer or is of another schema, `JobError` for a Redis that
    ///   could lose entries. A Redis that is away is no error: jobs are claimed from the ledger.
    init(worker: WorkerDescription, settings: ServerSettings, logger: Logger) async throws {
        var logger = logger
        logger[metadataKey: "worker"] = "\(worker.id.uuidString.prefix(8).lowercased())"
        self.logger = logger
        var database = try settings.database.configuration(process: "cloudoptim-worker")
        database.parameters["options"] = JobLedger.sessionOptions
        let redisConfiguration = try settings.redis.configuration(process: "cloudoptim-worker")
        pool = try PostgresPool(configuration: database, size: settings.database.poolSize, logger: logger)
        try await pool.waitUntilReady(timeout: .seconds(30))
        try await SchemaCheck.requireCurrent(database, logger: logger)
        redis = RedisClient(configuration: redisConfiguration, logger: logger)
        streamReader = RedisStreamReader(configuration: redisConfiguration, logger: logger)
        let doorbell = Doorbell(redis: redis, keys: DoorbellKeys(namespace: settings.redis.namespace))
        let ledger = JobLedger(pool: pool)
        try await BootChecks(ledger: ledger, doorbell: doorbell, logger: logger).run()

        table = LeaseTable()
        let statistics = RunStatistics()
        let end = EndSignal()
        self.end = end
        handlers = try HandlerSet(
            pool: pool,
            redis: redis,
            settings: settings,
            process: "worker-\(worker.id.uuidString.prefix(8).lowercased())",
            slots: worker.slots,
            logger: logger
        )
        runner = JobRunner(
            owner: worker.id,
            handlers: handlers.all,
            ledger: ledger,
            writer: CompletionWriter(ledger: ledger, doorbell: doorbell, owner: worker.id, logger: logger),
            table: table,
            statistics: statistics,
            isolation: ChildProcess(owner: worker.id),
            onStuck: { _ in end.raise(.stuck) },
            logger: logger
        )
        consumer = Consumer(
            worker: worker,
            ledger: ledger,
            doorbell: doorbell,
            reader: RingReader(
                reader: streamReader,
                doorbell: doorbell,
                consumer: worker.id.uuidString.lowercased(),
                lanes: worker.lanes
            ),
            runner: runner,
            logger: logger
        )
        heartbeat = HeartbeatThread(
            worker: worker,
            configuration: database,
            table: table,
            statistics: statistics,
            onOrders: { [consumer] orders in
                Task { await consumer.quiet(orders == .quiet) }
                if orders == .stop { end.raise(.ordered) }
            },
            logger: logger
        )
    }

    /// Consumes until SIGTERM, an operator's order, or a handler that cannot be stopped.
    ///
    /// - Throws: ``StuckHandler`` for the last: only the end of the process stops it, so the process ends badly and is
    ///   started anew.
    func run() async throws {
        heartbeat.start()
        logger.notice("worker is ready")
        let reporting = Task { await runner.reportProgress() }
        let following = Task { [running = handlers.running] in await running.run() }
        let ending = Task {
            for await _ in end.raised { await consumer.stop() }
        }
        await withGracefulShutdownHandler {
            await consumer.run()
        } onGracefulShutdown: {
            Task { await consumer.stop() }
        }
        ending.cancel()
        reporting.cancel()
        following.cancel()
        let isStuck = end.reason == .stuck
        await stop(isStuck: isStuck)
        if isStuck { throw StuckHandler() }
    }

    private func stop(isStuck: Bool) async {
        let deadline = ContinuousClock.now + Self.stopGrace
        while table.count > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        await runner.handBack(deadline: Self.handBackLimit)
        await withCheckedContinuation { continuation in
            // Joining blocks; this thread is not the pool's.
            OSThread.detach(name: "stop") {
                heartbeat.stop()
                continuation.resume()
            }
        }
        // A handler that ignores being stopped would be waited for without end.
        if !isStuck { await handlers.shutdown() }
        await streamReader.shutdown()
        await redis.shutdown()
        await pool.shutdown()
        logger.notice("worker has stopped")
    }
}

/// A handler ignores that it was stopped; its job was given back and needs another process.
struct StuckHandler: Error, CustomStringConvertible {
    let description = "a handler ignores that it was stopped; this worker ends so that another can be started"
}

/// Why a worker ends by itself.
private final class EndSignal: Sendable {
    enum Reason {
        case stuck, ordered
    }

    let raised: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let state = Mutex<Reason?>(nil)

    init() {
        (raised, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var reason: Reason? { state.withLock { $0 } }

    func raise(_ reason: Reason) {
        state.withLock { if $0 == nil { $0 = reason } }
        continuation.yield()
    }
}
