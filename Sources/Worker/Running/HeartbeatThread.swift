import Dispatch
import FoundationEssentials
import Jobs
import Logging
import Postgres
import Synchronization
import ThreadExecution

/// Renews the process's leases from a thread and a connection of its own, which no job can block.
final class HeartbeatThread: Sendable {
    private let worker: WorkerDescription
    private let configuration: PostgresConfiguration
    private let table: LeaseTable
    private let statistics: RunStatistics
    private let onOrders: @Sendable (WorkerOrders) -> Void
    private let logger: Logger
    private let stopSignal = DispatchSemaphore(value: 0)
    private let isStopping = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    /// `onOrders` is told after every beat what operators want of this worker.
    init(
        worker: WorkerDescription,
        configuration: PostgresConfiguration,
        table: LeaseTable,
        statistics: RunStatistics,
        onOrders: @escaping @Sendable (WorkerOrders) -> Void,
        logger: Logger
    ) {
        self.worker = worker
        self.configuration = configuration
        self.table = table
        self.statistics = statistics
        self.onOrders = onOrders
        self.logger = logger
    }

    func start() {
        let isStarted = OSThread.detach(name: "heartbeat") {
            self.run()
            self.ended.signal()
        }
        precondition(isStarted, "the system refuses to start a thread; raise the limit of processes")
    }

    /// Takes the worker out of the fleet's list and ends the thread.
    ///
    /// Blocks for up to a second.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        stopSignal.signal()
        if ended.wait(timeout: .now() + .seconds(1)) == .timedOut {
            logger.warning("the heartbeat thread still waits for the ledger; leaving it behind")
        }
    }

    private func run() {
        while !isStopping.load(ordering: .relaxed) {
            do {
                try beatUntilStopped()
            } catch {
                logger.warning("no heartbeat reaches the ledger; trying again", metadata: ["error": "\(error)"])
                _ = stopSignal.wait(timeout: .now() + .milliseconds(Int.random(in: 200...600)))
            }
        }
    }

    private func beatUntilStopped() throws(PostgresError) {
        var session = try PostgresSession(configuration: configuration)
        try Heartbeat.register(worker, on: &session)
        while !isStopping.load(ordering: .relaxed) {
            let leases = table.leases
            let reply = try Heartbeat.beat(
                leases,
                owner: worker.id,
                stopping: false,
                runSeconds: statistics.byKind,
                on: &session
            )
            onOrders(reply.orders)
            let lost = table.apply(reply, asked: leases)
            if lost > 0 { logger.warning("leases were lost; their work is stopped", metadata: ["leases": "\(lost)"]) }
            // Often enough that a cancelled job is told within two seconds; leases need only every third beat.
            _ = stopSignal.wait(timeout: .now() + .seconds(1))
        }
        try Heartbeat.deregister(worker.id, on: &session)
    }
}
