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
    private let progress: ProgressWriter
    private let table: LeaseTable
    private let statistics: RunStatistics
    private let isolation: (any Isolation)?
    private let onStuck: @Sendable (ClaimedJob) -> Void
    private let logger: Logger
    private let isStopping = Atomic(false)

    /// - Parameters:
    ///   - owner: The worker's id.
    ///   - handlers: One per kind.
    ///   - ledger: Where jobs end.
    ///   - writer: Batches the ends.
    ///   - table: The leases of the process.
    ///   - statistics: What jobs took.
    ///   - isolation: Runs jobs that processes died with; without it they run here like any other.
    ///   - onStuck: Told of a job whose handler cannot be stopped; the process should end soon.
    ///   - logger: For operators.
    init(
        owner: UUID,
        handlers: [any JobHandler],
        ledger: JobLedger,
        writer: CompletionWriter,
        table: LeaseTable,
        statistics: RunStatistics = RunStatistics(),
        isolation: (any Isolation)? = nil,
        onStuck: @escaping @Sendable (ClaimedJob) -> Void = { _ in },
        logger: Logger
    ) {
        self.owner = owner
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }) { first, _ in first }
        self.ledger = ledger
        self.writer = writer
        self.progress = ProgressWriter(ledger: ledger, owner: owner, logger: logger)
        self.table = table
        self.statistics = statistics
        self.isolation = isolation
        self.onStuck = onStuck
        self.logger = logger
    }

    /// Writes progress until its task is cancelled.
    func reportProgress() async {
        await progress.run()
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
            let end = await run(job)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            statistics.record(job.kind, seconds: seconds)
            await report(end, of: job)
            progress.forget(job.lease)
            table.remove(job.lease)
            await ended(seconds)
        }
        handle.adopt(task)
    }

    /// A suspect waits for its turn to run alone before its time begins: waiting is not its fault.
    private func run(_ job: ClaimedJob) async -> Attempt.End {
        let attempt = Attempt(job, timeLimit: timeLimit(of: job.kind))
        guard let isolation, job.isSuspect, job.children == nil else {
            return await attempt.run { await self.execute(job) }
        }
        return await isolation.inTurn { await attempt.run { await self.execute(job) } }
    }

    private func timeLimit(of kind: JobKind) -> Duration { handlers[kind]?.timeLimit ?? kind.timeLimit }

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
            if let children = job.children { return try await finish(job, children, handler) }
            if job.isSuspect, let isolation {
                logger.notice(
                    "running a job alone: workers died with it",
                    metadata: ["job": "\(job.id)", "kind": "\(job.kind)", "crashes": "\(job.crashCount)"]
                )
                return try await isolation.run(job)
            }
            let outcome = try await handler.run(job, JobContext(lease: job.lease, progress: progress))
            if case .fanOut(let fanOut) = outcome, fanOut.children.isEmpty {
                return try await handler.finish(job, children: ChildCounts(total: 0, open: 0, failed: 0))
            }
            return outcome
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

    private func finish(
        _ job: ClaimedJob,
        _ children: ChildCounts,
        _ handler: any JobHandler
    ) async throws -> JobOutcome {
        if children.open > 0 {
            let cancelled = try await ledger.cancel(childrenOf: job.id)
            await writer.announce(cancelled.ended)
        }
        return try await handler.finish(job, children: children)
    }

    // MARK: Reporting

    private func report(_ end: Attempt.End, of job: ClaimedJob) async {
        // A stopping worker has handed its jobs back; the raised epoch would refuse this report anyway.
        if isStopping.load(ordering: .relaxed) { return }
        table.beginEnding(job.lease)
        do {
            let applied: Bool
            switch end {
            case .outcome(let outcome):
                applied = try await write(outcome, of: job)
            case .stuck:
                logger.error(
                    "a handler ignores that it was stopped; its job runs again in a process of its own",
                    metadata: ["job": "\(job.id)", "kind": "\(job.kind)"]
                )
                applied = try await release(job, .stuck(.timeLimit(timeLimit(of: job.kind), of: job.kind)))
                onStuck(job)
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

    private func write(_ outcome: JobOutcome, of job: ClaimedJob) async throws -> Bool {
        switch outcome {
        case .succeeded(let result):
            return try await complete(Completion(lease: job.lease, state: .succeeded, result: result), of: job)
        case .failed(let failure):
            return try await complete(Completion(lease: job.lease, state: .failed, failure: failure), of: job)
        case .quarantined(let failure):
            return try await writer.complete(Completion(lease: job.lease, state: .dead, failure: failure))
        case .cancelled:
            return try await writer.complete(Completion(lease: job.lease, state: .cancelled, failure: .cancelled))
        case .snooze(let pause):
            return try await release(job, .snooze(pause))
        case .rateLimited(let pause, let failure):
            return try await release(job, .rateLimited(pause, failure))
        case .retry(let failure, let notBefore):
            return try await retry(job, failure, notBefore: notBefore)
        case .fanOut(let fanOut):
            return try await ledger.fanOut(job.lease, fanOut, owner: owner)
        }
    }

    /// Ends the job; a finished parent's completion job is accepted in the same transaction.
    private func complete(_ completion: Completion, of job: ClaimedJob) async throws -> Bool {
        guard job.children != nil, let next = NewJob(completionOf: job) else {
            return try await writer.complete(completion)
        }
        let applied = try await ledger.complete(completion, followedBy: next, owner: owner)
        if applied { await writer.announce([job.id]) }
        return applied
    }

    private func release(_ job: ClaimedJob, _ how: Release) async throws -> Bool {
        try await ledger.release([(job.lease, how)], owner: owner).contains(job.lease)
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
        return try await release(job, .retry(after: delay, failure))
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
