import FoundationEssentials
import Jobs
import Logging
import Synchronization

/// Runs claimed jobs and reports how they ended, under their leases.
final class JobRunner: Sendable {
    private let owner: UUID
    private let handlers: [JobKind: any JobHandler]
    private let ledger: JobLedger
    private let writer: CompletionWriter
    private let table: LeaseTable
    private let logger: Logger
    private let isStopping = Atomic(false)

    init(
        owner: UUID,
        handlers: [any JobHandler],
        ledger: JobLedger,
        writer: CompletionWriter,
        table: LeaseTable,
        logger: Logger
    ) {
        self.owner = owner
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }) { first, _ in first }
        self.ledger = ledger
        self.writer = writer
        self.table = table
        self.logger = logger
    }

    /// Starts the job in a task of its own.
    ///
    /// The lease is in the table before this returns.
    ///
    /// - Parameters:
    ///   - job: Claimed just now.
    ///   - ended: Called when nothing is left to do for the job, with how long its handler ran.
    func start(_ job: ClaimedJob, ended: @escaping @Sendable (_ runSeconds: Double) async -> Void) {
        let handle = TaskHandle()
        table.add(job.lease) { handle.cancel() }
        let task = Task {
            let start = ContinuousClock.now
            let outcome = await execute(job)
            let run = ContinuousClock.now - start
            await report(outcome, of: job)
            table.remove(job.lease)
            await ended(Double(run.components.seconds) + Double(run.components.attoseconds) / 1e18)
        }
        handle.adopt(task)
    }

    /// Stops what runs and gives it back to the queue, without charging the attempts.
    ///
    /// - Parameter deadline: A ledger that is away must not hold the stop up; the leases then run out by themselves.
    func handBack(deadline: Duration) async {
        isStopping.store(true, ordering: .relaxed)
        let leases = table.leases
        guard !leases.isEmpty else { return }
        do {
            let released = try await ledger.release(leases.map { ($0, .handBack) }, owner: owner, deadline: deadline)
            logger.notice("handed unfinished jobs back", metadata: ["jobs": "\(released.count)"])
        } catch {
            logger.error(
                "unfinished jobs could not be handed back; they run again when their leases end",
                metadata: ["jobs": "\(leases.count)", "error": "\(error)"]
            )
        }
    }

    private func execute(_ job: ClaimedJob) async -> JobOutcome {
        guard let handler = handlers[job.kind] else { return .snooze(.seconds(30)) }
        do {
            return try await handler.run(job)
        } catch let failure as JobFailure {
            return .retry(failure)
        } catch is CancellationError {
            return .cancelled
        } catch {
            // The caller reads the failure; hosts, statements and types are for the log.
            logger.error(
                "a handler failed",
                metadata: ["job": "\(job.id)", "kind": "\(job.kind)", "error": "\(error)"]
            )
            return .retry(JobFailure(code: "internal_error", message: "something went wrong on our side"))
        }
    }

    private func report(_ outcome: JobOutcome, of job: ClaimedJob) async {
        // A stopping worker has handed its jobs back; the raised epoch would refuse this report anyway.
        if isStopping.load(ordering: .relaxed) { return }
        table.beginEnding(job.lease)
        do {
            let applied: Bool
            switch outcome {
            case .succeeded(let result):
                applied = try await writer.complete(Completion(lease: job.lease, state: .succeeded, result: result))
            case .failed(let failure):
                applied = try await writer.complete(Completion(lease: job.lease, state: .failed, failure: failure))
            case .cancelled:
                applied = try await writer.complete(Completion(lease: job.lease, state: .cancelled))
            case .snooze(let pause):
                applied = try await ledger.release([(job.lease, .snooze(pause))], owner: owner).contains(job.lease)
            case .retry(let failure, let notBefore):
                applied = try await retry(job, failure, notBefore: notBefore)
            }
            if !applied {
                logger.warning(
                    "a late result was refused: the lease was lost",
                    metadata: ["job": "\(job.id)", "epoch": "\(job.lease.epoch)"]
                )
            }
        } catch {
            logger.error(
                "the end of a job could not be written; it runs again when its lease ends",
                metadata: ["job": "\(job.id)", "error": "\(error)"]
            )
        }
    }

    private func retry(_ job: ClaimedJob, _ failure: JobFailure, notBefore: Duration?) async throws -> Bool {
        guard job.attempt < job.maxAttempts else {
            return try await writer.complete(Completion(lease: job.lease, state: .dead, failure: failure))
        }
        var generator = SystemRandomNumberGenerator()
        let delay = max(
            job.kind.retryPolicy.delay(afterAttempt: job.attempt, using: &generator),
            notBefore ?? .zero
        )
        return try await ledger.release([(job.lease, .retry(after: delay, failure))], owner: owner).contains(job.lease)
    }
}

/// A task that can be cancelled before it is known.
private final class TaskHandle: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())

    func adopt(_ task: Task<Void, Never>) {
        let isCancelled = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    func cancel() {
        let task = state.withLock { state in
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
