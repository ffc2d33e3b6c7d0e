package import Logging
private import ThreadExecution

/// One connection to a server, on its own thread, with automatic pipelining.
///
/// Whatever was asked while the last batch was under way goes out as the next one; nothing waits for a timer.
/// Connects when first needed. When the connection dies, all commands that were sent fail, once, and none is ever
/// repeated: whether it ran is for the caller to judge. While the server is away, callers are refused at once and one
/// of them per back-off step makes the next attempt. A caller is answered within the command timeout, or when an
/// attempt to connect ends that was under way by then; a command that has waited too long is not sent any more.
package actor RedisConnection: RedisCommanding {
    private let configuration: RedisConfiguration
    private let executor: ThreadExecutor
    private let mailbox: RedisMailbox
    private let interrupt = RedisInterrupt()
    private let logger: Logger

    private var transport: RedisTransport?
    private var backoff = RedisBackoff()
    /// Whether the present connection has answered anything beyond its handshake.
    private var isProven = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(
        configuration: RedisConfiguration,
        name: String = "redis",
        logger: Logger = Logger(label: "redis")
    ) {
        self.configuration = configuration
        self.logger = logger
        executor = ThreadExecutor(name: name)
        mailbox = RedisMailbox(limit: configuration.queueLimit)
    }

    deinit { executor.stop() }

    // MARK: Callers' side, on any thread

    /// Sends one command and returns its reply.
    ///
    /// A cancelled caller is released at once; a command not yet sent is dropped, the reply to one that was is discarded.
    ///
    /// - Throws: `server` when the reply is an error, else what ``RedisError/Code`` lists.
    package nonisolated func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        let reply = try await post(.single(command))
        if let failure = reply.failure { throw failure }
        return reply
    }

    /// Sends commands back to back, no other caller's between them, and returns their replies in order.
    ///
    /// Error replies stand among the values as ``RedisValue/error(_:)``; the commands behind them run all the same.
    package nonisolated func send(pipeline: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        if pipeline.isEmpty { return [] }
        return try await post(.pipeline(pipeline)).array ?? []
    }

    /// Whether a command would be tried now, rather than refused because the server was away a moment ago.
    package nonisolated var isReady: Bool { mailbox.isOpen }

    /// Whether a batch has been taken and has not been answered yet.
    nonisolated var isBusy: Bool { mailbox.isDraining && mailbox.isEmpty }

    /// Whether commands wait for the batch under way.
    nonisolated var hasWaiting: Bool { !mailbox.isEmpty }

    /// Fails all waiters as closed, closes the connection and ends its thread.
    ///
    /// Safe to call twice.
    package nonisolated func shutdown() async {
        mailbox.close()
        interrupt.raise()
        await disconnect()
        await executor.shutdown()
    }

    private nonisolated func post(_ content: RedisRequest.Content) async throws(RedisError) -> RedisValue {
        if Task.isCancelled { throw .cancelled }
        let request = RedisRequest(content, deadline: .now + configuration.commandTimeout)
        // Detached: the batch belongs to all its callers, not to the priority and the locals of the first.
        if try mailbox.post(request) { Task.detached { await self.drain() } }
        return try await request.waiter.outcome()
    }

    // MARK: The connection's side, on its thread

    private func drain() {
        while mailbox.hasWork() {
            guard connect() else { continue }
            exchange(mailbox.takeAll())
        }
    }

    /// Makes sure of a connection; on failure nobody waits any more.
    private func connect() -> Bool {
        if transport?.isStale() ?? false {
            logger.info("redis closed the idle connection")
            transport = nil
        }
        if transport != nil { return true }
        do throws(RedisError) {
            transport = try RedisHandshake.open(configuration, interrupt: interrupt)
            isProven = false
            if backoff.failures > 0 { logger.notice("redis is back", metadata: ["redis": "\(configuration)"]) }
            return true
        } catch {
            refuse(error)
            return false
        }
    }

    private func refuse(_ reason: RedisError) {
        if mailbox.isClosed { return mailbox.fail(.closed) }
        // One line when it goes away; the attempts that follow are told to their callers only.
        if backoff.failures == 0 { logger.warning("\(reason.message)") }
        mailbox.refuse(reason, until: .now + backoff.next())
    }

    private func exchange(_ batch: [RedisRequest]) {
        var sent: [RedisRequest] = []
        sent.reserveCapacity(batch.count)
        let now = ContinuousClock.now
        for request in batch where !request.waiter.isSettled {
            if request.deadline <= now {
                request.waiter.settle(.failure(RedisError(.timeout, "the command waited too long and was not sent")))
            } else {
                append(request)
                sent.append(request)
            }
        }
        var mustReconnect = false
        for (index, request) in sent.enumerated() {
            do throws(RedisError) {
                let reply = try receive(request)
                // After a fail-over the old master lives on as a replica: its address may lead elsewhere by now.
                if request.isRefusedByReplica(reply) { mustReconnect = true }
                request.waiter.settle(.success(reply))
            } catch {
                return lose(sent[index...], because: error)
            }
        }
        if !sent.isEmpty {
            isProven = true
            backoff.reset()
        }
        if mustReconnect { transport = nil }
    }

    private func append(_ request: RedisRequest) {
        switch transport {
        case .some(let transport): request.append(to: transport)
        case .none: break
        }
    }

    private func receive(_ request: RedisRequest) throws(RedisError) -> RedisValue {
        switch transport {
        case .some(let transport): return try request.readReply(from: transport)
        case .none: throw RedisError(.connectionLost, "the connection was lost")
        }
    }

    /// Drops the connection and fails all whose replies had not come: replies have no ids, so none can be told apart
    /// once one is missing.
    private func lose(_ unanswered: ArraySlice<RedisRequest>, because reason: RedisError) {
        transport = nil
        let told: RedisError
        switch reason.code {
        case .cancelled: told = .closed  // only shutting down interrupts this connection
        case .timeout: told = RedisError(.timeout, "no answer from redis within \(configuration.commandTimeout)")
        default: told = reason
        }
        for request in unanswered { request.waiter.settle(.failure(told)) }
        if mailbox.isClosed { return }
        logger.warning(
            "lost the connection to redis: \(reason.message)",
            metadata: ["unanswered": "\(unanswered.count)"]
        )
        // A server that greets and then hangs up must not be called again at once, for ever.
        if !isProven {
            let refusal = RedisError(
                .connectionFailed,
                "redis accepted a connection and then failed it: \(told.message)"
            )
            mailbox.refuse(refusal, until: .now + backoff.next())
        }
    }

    private func disconnect() {
        transport = nil
    }
}
