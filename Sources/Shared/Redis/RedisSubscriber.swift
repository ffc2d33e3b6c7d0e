package import Logging
private import ThreadExecution

/// A connection of its own that listens to channels and comes back by itself.
///
/// Redis keeps nothing for a subscriber who is away: every stream of messages therefore also tells when it was
/// connected, when not, and when its reader was too slow. A caller who must not miss anything reads the truth
/// elsewhere after each ``RedisMessage/connected`` and each ``RedisMessage/gap(dropped:)``.
package actor RedisSubscriber {
    private let configuration: RedisConfiguration
    private let executor: ThreadExecutor
    private let interrupt = RedisInterrupt()
    private let orders = RedisSubscriberOrders()
    private let bufferCapacity: Int
    private let logger: Logger

    private var subscriptions = RedisSubscriptions()
    private var buffers: [RedisSubscriptions.Listener: RedisMessageBuffer] = [:]
    private var transport: RedisTransport?
    private var backoff = RedisBackoff()
    private var retry = ContinuousClock.now
    private var lastHeard = ContinuousClock.now
    private var isPinged = false

    /// Silence that makes us ask whether the server is still there.
    static let pingInterval: Duration = .seconds(2)

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Connects with the first listener.
    ///
    /// Of each slow reader's events, the newest `bufferCapacity` are kept.
    package init(
        configuration: RedisConfiguration,
        bufferCapacity: Int = 1_024,
        name: String = "redis-listener",
        logger: Logger = Logger(label: "redis")
    ) {
        self.configuration = configuration
        self.bufferCapacity = bufferCapacity
        self.logger = logger
        executor = ThreadExecutor(name: name)
    }

    deinit { executor.stop() }

    // MARK: Listeners' side, on any thread

    /// Listens to channels until the reading task is cancelled, the stream is dropped, or the subscriber is shut down.
    ///
    /// All streams of a subscriber share its connection. Each may be read by one task.
    package nonisolated func messages(channels: [String]) -> AsyncStream<RedisMessage> {
        let buffer = RedisMessageBuffer(capacity: bufferCapacity)
        guard !channels.isEmpty, let (listener, mustStart) = orders.join(channels: Set(channels), buffer: buffer) else {
            return AsyncStream { $0.finish() }
        }
        if mustStart { Task.detached { await self.run() } }
        interrupt.raise()
        let lifeline = Lifeline { [orders, interrupt] in
            orders.leave(listener)
            interrupt.raise()
            buffer.finish()
        }
        return AsyncStream {
            await withExtendedLifetime(lifeline) { buffer }.next()
        } onCancel: {
            lifeline.cut()
        }
    }

    /// Ends all streams, closes the connection and ends its thread.
    ///
    /// Safe to call twice.
    package nonisolated func shutdown() async {
        orders.close()
        interrupt.raise()
        await finish()
        await executor.shutdown()
    }

    // MARK: The connection's side, on its thread

    private func run() {
        while !orders.isClosed {
            interrupt.clear()
            for order in orders.takeAll() { carryOut(order) }
            if subscriptions.isEmpty {
                transport = nil
                if orders.stopIfIdle() { return }
            } else if transport != nil || connect() {
                listen()
            }
        }
        finish()
    }

    private func carryOut(_ order: RedisSubscriberOrders.Order) {
        switch order {
        case .join(let listener, let channels, let buffer):
            buffers[listener] = buffer
            let (subscribe, isConnected) = subscriptions.add(listener, channels: channels)
            if isConnected { buffer.push(.connected) }
            say("SUBSCRIBE", subscribe)
        case .leave(let listener):
            buffers[listener] = nil
            say("UNSUBSCRIBE", subscriptions.remove(listener))
        }
    }

    private func connect() -> Bool {
        if ContinuousClock.now < retry {
            interrupt.wait(until: retry)
            return false
        }
        do throws(RedisError) {
            transport = try RedisHandshake.open(configuration, interrupt: interrupt)
        } catch {
            lose(because: error)
            return false
        }
        lastHeard = .now
        isPinged = false
        say("SUBSCRIBE", subscriptions.channels)
        return true
    }

    /// Hears the server until somebody wants something else, or the connection is gone.
    private func listen() {
        while transport != nil {
            do throws(RedisError) {
                let patience = isPinged ? Self.pingInterval + configuration.commandTimeout : Self.pingInterval
                let reply = try hear(until: lastHeard + patience)
                lastHeard = .now
                isPinged = false
                try handle(reply)
            } catch {
                if error.code == .cancelled { return }
                if error.code == .timeout, !isPinged {
                    isPinged = true
                    say("PING", [])
                } else {
                    lose(because: error)
                }
            }
        }
    }

    private func hear(until deadline: ContinuousClock.Instant) throws(RedisError) -> RedisValue {
        switch transport {
        case .some(let transport): return try transport.readReply(until: deadline)
        case .none: throw RedisError(.connectionLost, "the connection was lost")
        }
    }

    private func handle(_ reply: RedisValue) throws(RedisError) {
        if let failure = reply.failure { throw failure }
        guard let parts = reply.array, parts.count == 3, let channel = parts[1].string else { return }  // a PONG
        switch parts[0].string {
        case "message":
            let event = RedisMessage.message(channel: channel, payload: parts[2].bytes ?? [])
            for listener in subscriptions.audience(of: channel) { buffers[listener]?.push(event) }
        case "subscribe":
            if backoff.failures > 0 { logger.notice("redis listener is back") }
            backoff.reset()
            for listener in subscriptions.confirm(channel) { buffers[listener]?.push(.connected) }
        default:
            break  // a channel that nobody wants any more
        }
    }

    /// Puts a command into the output buffer; ``hear(until:)`` sends it.
    private func say(_ name: String, _ arguments: [String]) {
        if arguments.isEmpty && name != "PING" { return }
        var command = RedisCommand(name)
        command.append(contentsOf: arguments)
        switch transport {
        case .some(let transport): transport.append(command)
        case .none: break
        }
    }

    private func lose(because error: RedisError) {
        transport = nil
        for listener in subscriptions.disconnect() { buffers[listener]?.push(.disconnected) }
        if error.code == .cancelled || orders.isClosed { return }
        if backoff.failures == 0 { logger.warning("redis listener: \(error.message)") }
        retry = .now + backoff.next()
    }

    private func finish() {
        transport = nil
        for order in orders.takeAll() { carryOut(order) }
        for buffer in buffers.values { buffer.finish() }
        buffers = [:]
    }
}

/// Calls back when cut, and again when the last one who holds it lets go; leaving twice does no harm.
private final class Lifeline: Sendable {
    private let onEnd: @Sendable () -> Void

    init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }

    func cut() { onEnd() }
}
