package import Logging
private import Synchronization
private import ThreadExecution

/// A connection of its own for blocking reads of streams through a consumer group.
///
/// A blocking read occupies its connection, so commands go elsewhere. Each read ends by a deadline a little behind
/// its block time: a connection that is dead without saying so is dropped and replaced, and never waited on for ever.
/// Meant to be called in a loop; after a failure the next read waits out the back-off by itself.
package actor RedisStreamReader {
    private let configuration: RedisConfiguration
    private let executor: ThreadExecutor
    private let interrupt = RedisInterrupt()
    private let logger: Logger
    /// Reached from other threads, while this one waits for the server.
    private let shared = Mutex(Shared())

    private var transport: RedisTransport?
    private var backoff = RedisBackoff()
    private var retry = ContinuousClock.now

    private struct Shared {
        var isClosed = false
        var lastSuccessfulRead: ContinuousClock.Instant?
    }

    /// Long enough to spare the server idle rounds, short enough that a restarted server is noticed at once.
    package static let longestBlock: Duration = .seconds(2)
    /// What the network and a busy server may take on top of the block time.
    static let grace: Duration = .seconds(2)

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(
        configuration: RedisConfiguration,
        name: String = "redis-reader",
        logger: Logger = Logger(label: "redis")
    ) {
        self.configuration = configuration
        self.logger = logger
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    /// When the server last answered a read, be it with nothing new.
    ///
    /// For health checks.
    package nonisolated var lastSuccessfulRead: ContinuousClock.Instant? { shared.withLock { $0.lastSuccessfulRead } }

    /// Reads entries that no consumer of the group has seen.
    ///
    /// A cancelled read is released at once and drops its connection. Entries that the server hands over in that same
    /// moment stay pending for this consumer, as after any lost connection.
    ///
    /// - Parameters:
    ///   - group: The consumer group, which must exist in every one of the streams.
    ///   - consumer: Whom the entries are pending for until acknowledged.
    ///   - streams: All on this server, and in a cluster all in one slot.
    ///   - count: At most so many of each stream.
    ///   - block: How long the server may wait for the first entry, two seconds at most; zero does not wait.
    /// - Returns: The entries, stream by stream; empty when none came.
    /// - Throws: `server` with `isNoGroup` when a stream or its group is missing, `timeout` when the watchdog bit,
    ///   `connectionFailed`, `connectionLost`, `cancelled`, `closed`.
    package func read(
        group: String,
        consumer: String,
        streams: [String],
        count: Int,
        block: Duration
    ) async throws(RedisError) -> [RedisStreamEntry] {
        let block = min(max(block, .zero), Self.longestBlock)
        var command = RedisCommand("XREADGROUP", "GROUP", group, consumer, "COUNT", count)
        // BLOCK 0 would wait for ever.
        if block.milliseconds > 0 {
            command.append(contentsOf: ["BLOCK", .integer(block.milliseconds)] as [RedisArgument])
        }
        command.append("STREAMS")
        command.append(contentsOf: streams)
        command.append(contentsOf: streams.map { _ in ">" })
        let reply = try await exchange(command, patience: block + Self.grace)
        return try Self.entries(reply)
    }

    /// Ends a read that is under way, closes the connection and ends its thread.
    ///
    /// Safe to call twice.
    package nonisolated func shutdown() async {
        shared.withLock { $0.isClosed = true }
        interrupt.raise()
        await disconnect()
        await executor.shutdown()
    }

    private func exchange(_ command: RedisCommand, patience: Duration) async throws(RedisError) -> RedisValue {
        let outcome = await withTaskCancellationHandler { () async -> Result<RedisValue, RedisError> in
            // An older read's cancellation may have left the signal up.
            interrupt.clear()
            do throws(RedisError) {
                try refuseIfEnded()
                try connect()
                return .success(try ask(command, until: .now + patience))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            interrupt.raise()
        }
        switch outcome {
        case .success(let reply):
            backoff.reset()
            shared.withLock { $0.lastSuccessfulRead = .now }
            if let failure = reply.failure { throw failure }
            return reply
        case .failure(let error):
            throw lose(because: error)
        }
    }

    private func connect() throws(RedisError) {
        if transport?.isStale() ?? false { transport = nil }
        if transport != nil { return }
        interrupt.wait(until: retry)
        try refuseIfEnded()
        transport = try RedisHandshake.open(configuration, interrupt: interrupt)
        if backoff.failures > 0 { logger.notice("redis reader is back", metadata: ["redis": "\(configuration)"]) }
    }

    private func ask(
        _ command: RedisCommand,
        until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> RedisValue {
        switch transport {
        case .some(let transport):
            transport.append(command)
            return try transport.readReply(until: deadline)
        case .none:
            throw RedisError(.connectionLost, "the connection was lost")
        }
    }

    /// Drops the connection, whose next reply would answer a question nobody asks any more.
    private func lose(because error: RedisError) -> RedisError {
        transport = nil
        if shared.withLock({ $0.isClosed }) { return .closed }
        if error.code == .cancelled { return error }
        if backoff.failures == 0 { logger.warning("redis reader: \(error.message)") }
        retry = .now + backoff.next()
        return error
    }

    private func refuseIfEnded() throws(RedisError) {
        if shared.withLock({ $0.isClosed }) { throw .closed }
        if Task.isCancelled { throw .cancelled }
    }

    private func disconnect() {
        transport = nil
    }

    /// Reads `[[stream, [entry, …]], …]`; a null means that nothing came.
    private static func entries(_ reply: RedisValue) throws(RedisError) -> [RedisStreamEntry] {
        if reply.isNull { return [] }
        guard let streams = reply.array else {
            throw .unexpected(reply, to: "XREADGROUP", wanted: "a list of streams")
        }
        var entries: [RedisStreamEntry] = []
        for part in streams {
            guard let pair = part.array, pair.count == 2, let stream = pair[0].string else {
                throw .unexpected(part, to: "XREADGROUP", wanted: "a stream and its entries")
            }
            entries += try RedisStreamEntry.list(pair[1], stream: stream, command: "XREADGROUP")
        }
        return entries
    }
}
