import CLibpq
package import Logging
import ThreadExecution

/// One connection on a thread of its own; what queued up during a round trip goes out as one pipeline.
///
/// It connects when first needed and reconnects by itself, with a growing, jittered pause after failures. When an
/// attempt fails, everyone who waits is told so; who comes during the pause waits for the next attempt.
package actor PostgresConnection {
    /// Statements per pipeline: enough to hide the round trip, few enough that a cancelled neighbour costs little.
    private static let batchLimit = 256

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private nonisolated let executor: ThreadExecutor
    nonisolated let mailbox: PostgresMailbox

    private var link: PostgresLink?
    private var statements = StatementCache()
    /// Counts the sessions: a transaction belongs to one of them.
    private var generation: UInt64 = 0
    private var backoff = Backoff()
    private var nextAttempt = ContinuousClock.now

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Starts the thread, under this name; statements beyond `queueLimit` waiting ones are refused as overloaded.
    package init(
        configuration: PostgresConfiguration,
        queueLimit: Int = 1_024,
        logger: Logger,
        name: String = "postgres"
    ) throws(PostgresError) {
        self.configuration = configuration
        self.logger = logger
        self.mailbox = try PostgresMailbox(limit: queueLimit)
        self.executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// Runs one statement.
    ///
    /// Cancelling the caller takes a statement back that was not sent; one that was sent is cancelled on the server.
    /// Statements that are sent together are independent of each other. The caller waits until the deadline, by
    /// default the statement timeout plus two seconds.
    @discardableResult
    package nonisolated func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await run(sql, parameters, deadline: deadline, generation: nil).rows
    }

    /// Statements that wait or are under way.
    package nonisolated var load: Int { mailbox.currentLoad }

    /// Lets what is queued finish, then ends the connection and its thread.
    ///
    /// - Parameter grace: After this, what is not done fails as closed.
    package nonisolated func shutdown(grace: Duration = .seconds(5)) async {
        mailbox.close(by: .now + grace)
        await release()
        await executor.shutdown()
    }

    nonisolated func run(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        deadline: Duration?,
        generation: UInt64?,
        heedsCancellation: Bool = true
    ) async throws(PostgresError) -> PostgresRequest.Reply {
        try PostgresLink.validate(sql)
        let work = PostgresRequest.Work.statement(sql: sql, try PostgresParameters(parameters))
        let end = ContinuousClock.now + (deadline ?? configuration.defaultDeadline)
        return try await perform(
            PostgresRequest(work, deadline: end, generation: generation),
            heedsCancellation: heedsCancellation
        )
    }

    nonisolated func perform(
        _ request: PostgresRequest,
        heedsCancellation: Bool = true
    ) async throws(PostgresError) -> PostgresRequest.Reply {
        guard heedsCancellation else { return try await submit(request).get() }
        return try await withTaskCancellationHandler {
            await submit(request)
        } onCancel: {
            mailbox.cancel(request)
        }.get()
    }

    private nonisolated func submit(_ request: PostgresRequest) async -> PostgresRequest.Outcome {
        await withCheckedContinuation { continuation in
            guard request.install(continuation) else { return }
            if mailbox.submit(request) { Task { await drain() } }
        }
    }

    // MARK: On the thread

    /// Works until nothing waits.
    private func drain() {
        while true {
            if let closing = mailbox.closing, closing <= .now {
                mailbox.failPending(PostgresError(.closed, "the connection is shut down; nothing was run"))
            }
            if mailbox.restIfEmpty() { return }
            guard let link = connected() else { continue }
            let batch = mailbox.take(atMost: Self.batchLimit)
            do {
                try run(batch, on: link)
            } catch {
                logger.warning("postgres connection lost", metadata: ["reason": "\(error.message)"])
                discard()
            }
        }
    }

    private func run(_ batch: [PostgresRequest], on link: PostgresLink) throws(PostgresError) {
        var settled = batch.count
        defer { mailbox.settled(settled) }
        // A transaction whose session is gone must not go on in another.
        for request in batch where request.generation != nil && request.generation != generation {
            request.fail(PostgresRequest.transactionLost)
        }
        if case .copy(let copy)? = batch.first?.work, let request = batch.first {
            try CopyRun(link: link, mailbox: mailbox, configuration: configuration)
                .run(copy, request, generation: generation)
            return
        }
        let pipeline = PipelineRun(link: link, mailbox: mailbox, generation: generation)
        try pipeline.run(batch, &statements)
        settled -= pipeline.retries.count
        mailbox.putBack(pipeline.retries)
    }

    /// The connection, made or made anew where needed; nil after a failure or while nobody is left to wait for it.
    private func connected() -> PostgresLink? {
        if let link {
            // Outside a transaction of ours nothing may be open: a stray BEGIN would swallow other callers' work.
            if link.looksAlive(), link.transactionStatus == PQTRANS_IDLE || mailbox.expects(generation) { return link }
            discard()
        }
        // No other session can continue a transaction: its statements need not wait for one.
        mailbox.failTransactions(PostgresRequest.transactionLost)
        guard pause(), !mailbox.restsNext else { return nil }
        let end = ContinuousClock.now + configuration.connectTimeout
        do {
            let link = try PostgresLink.connect(configuration, wake: mailbox.wake) { () throws(PostgresError) in
                try attend(until: end)
            }
            try link.enterPipeline()
            self.link = link
            generation += 1
            backoff.reset()
            return link
        } catch {
            var generator = SystemRandomNumberGenerator()
            nextAttempt = .now + backoff.next(using: &generator)
            mailbox.markDown(until: nextAttempt)
            logger.warning("postgres connection failed", metadata: ["reason": "\(error.message)"])
            mailbox.failPending(error)
            return nil
        }
    }

    /// Waits for the time of the next attempt; false when everyone has left meanwhile.
    private func pause() -> Bool {
        while nextAttempt > .now {
            if mailbox.restsNext { return false }
            if let closing = mailbox.closing, closing <= .now { return false }
            let until = mailbox.prepareSleep(until: nextAttempt, now: .now)
            _ = PostgresLink.poll(-1, 0, wake: mailbox.wake, until: until)
        }
        return true
    }

    private func attend(until end: ContinuousClock.Instant) throws(PostgresError) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        if let closing = mailbox.closing, closing <= now {
            throw PostgresError(.closed, "the connection is shut down; nothing was run")
        }
        guard end > now else {
            throw PostgresError(
                .connectionFailed,
                "no answer from \(configuration.host):\(configuration.port) within \(configuration.connectTimeout)"
            )
        }
        return mailbox.prepareSleep(until: end, now: now)
    }

    private func discard() {
        link = nil
        statements = StatementCache()
    }

    private func release() {
        mailbox.failPending(PostgresError(.closed, "the connection is shut down; nothing was run"))
        discard()
    }
}
