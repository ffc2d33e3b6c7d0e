private import Synchronization

/// What listeners want of a subscriber, handed over to its thread.
final class RedisSubscriberOrders: Sendable {
    enum Order: Sendable {
        case join(RedisSubscriptions.Listener, channels: Set<String>, buffer: RedisMessageBuffer)
        case leave(RedisSubscriptions.Listener)
    }

    private struct State {
        var orders: [Order] = []
        var nextListener = 0
        var isRunning = false
        var isClosed = false
    }

    private let state = Mutex(State())

    /// - Returns: The new listener and whether the loop must be started; nil after closing.
    func join(channels: Set<String>, buffer: RedisMessageBuffer) -> (listener: Int, mustStart: Bool)? {
        state.withLock { state in
            if state.isClosed { return nil }
            state.nextListener += 1
            state.orders.append(.join(state.nextListener, channels: channels, buffer: buffer))
            defer { state.isRunning = true }
            return (state.nextListener, !state.isRunning)
        }
    }

    func leave(_ listener: RedisSubscriptions.Listener) {
        state.withLock { $0.orders.append(.leave(listener)) }
    }

    func takeAll() -> [Order] {
        state.withLock { state in
            defer { state.orders = [] }
            return state.orders
        }
    }

    /// True when nothing is left to do; the next join then starts the loop anew.
    func stopIfIdle() -> Bool {
        state.withLock { state in
            guard state.orders.isEmpty else { return false }
            state.isRunning = false
            return true
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func close() { state.withLock { $0.isClosed = true } }
}
