private import Synchronization

/// The requests that wait for one connection: bounded, and reachable from every thread.
///
/// Callers post without waiting for the connection's thread, which may be busy with a server that does not answer.
/// While the server is known to be away, posting is refused at once with the reason of the last attempt.
final class RedisMailbox: Sendable {
    private struct State {
        var waiting: [RedisRequest] = []
        var commands = 0
        /// Whether the connection is on its way to take what waits.
        var isDraining = false
        var isClosed = false
        var refusal: Refusal?
    }

    private struct Refusal {
        let end: ContinuousClock.Instant
        let reason: RedisError
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Adds a request.
    ///
    /// - Returns: Whether the caller must wake the connection.
    /// - Throws: `closed`, `overloaded`, or `connectionFailed` while the server is known to be away.
    func post(_ request: RedisRequest) throws(RedisError) -> Bool {
        let count = request.commandCount
        return try state.withLock { state throws(RedisError) in
            if state.isClosed { throw .closed }
            if let refusal = state.refusal {
                if ContinuousClock.now < refusal.end { throw refusal.reason }
                state.refusal = nil
            }
            guard state.commands + count <= limit else {
                throw RedisError(
                    .overloaded,
                    "\(state.commands) commands wait for this connection already; send less or raise the limit of \(limit)"
                )
            }
            state.waiting.append(request)
            state.commands += count
            defer { state.isDraining = true }
            return !state.isDraining
        }
    }

    /// Whether anything waits.
    ///
    /// When nothing does, the next post wakes the connection anew.
    func hasWork() -> Bool {
        state.withLock { state in
            state.isDraining = !state.waiting.isEmpty
            return state.isDraining
        }
    }

    /// All that waits, in the order of its arrival.
    func takeAll() -> [RedisRequest] {
        state.withLock { state in
            state.commands = 0
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Whether a post would be taken now.
    var isOpen: Bool {
        state.withLock { state in
            if state.isClosed { return false }
            return state.refusal.map { ContinuousClock.now >= $0.end } ?? true
        }
    }

    /// Whether the connection is at work, or about to be.
    var isDraining: Bool { state.withLock { $0.isDraining } }

    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Fails all that waits, and what comes until the given instant.
    func refuse(_ reason: RedisError, until end: ContinuousClock.Instant) {
        state.withLock { $0.refusal = Refusal(end: end, reason: reason) }
        fail(reason)
    }

    /// Fails all that waits.
    func fail(_ reason: RedisError) {
        for request in takeAll() { request.waiter.settle(.failure(reason)) }
    }

    /// Fails all that waits and all that will come.
    func close() {
        state.withLock { $0.isClosed = true }
        fail(.closed)
    }
}
