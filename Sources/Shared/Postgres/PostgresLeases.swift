import Synchronization

/// Hands out exclusive connections by number, first come, first served.
final class PostgresLeases: Sendable {
    typealias Grant = Result<Int, PostgresError>

    private struct State {
        var free: [Int]
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Grant, Never>)] = []
        var closed = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>
    private let count: Int
    private let queueLimit: Int

    init(count: Int, queueLimit: Int) {
        self.count = count
        self.queueLimit = queueLimit
        self.state = Mutex(State(free: Array((0..<count).reversed())))
    }

    /// Connections in use and callers that wait.
    var load: (inUse: Int, waiting: Int) { state.withLock { (count - $0.free.count, $0.waiters.count) } }

    /// Waits for a connection; the caller must ``release(_:)`` it.
    ///
    /// - Throws: timeout, cancelled, overloaded or closed.
    func acquire(within patience: Duration) async throws(PostgresError) -> Int {
        let (id, immediate): (UInt64, Grant?) = state.withLock { state in
            state.nextID += 1
            if state.closed { return (0, .failure(Self.closed)) }
            if let index = state.free.popLast() { return (0, .success(index)) }
            if state.waiters.count >= queueLimit {
                return (0, .failure(PostgresError(.overloaded, "\(queueLimit) callers already wait; try later")))
            }
            return (state.nextID, nil)
        }
        if let immediate { return try immediate.get() }
        let timer = Task {
            try await Task.sleep(for: patience)
            self.fail(id, PostgresError(.timeout, "no connection became free within \(patience); nothing was run"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(id, continuation, deadline: .now + patience)
            }
        } onCancel: {
            fail(id, Self.cancelled)
        }.get()
    }

    /// Gives a connection back; the first who waits gets it.
    func release(_ index: Int) {
        let (next, closers): (CheckedContinuation<Grant, Never>?, [CheckedContinuation<Void, Never>]) =
            state.withLock { state in
                if !state.waiters.isEmpty { return (state.waiters.removeFirst().continuation, []) }
                state.free.append(index)
                guard state.closed, state.free.count == count else { return (nil, []) }
                defer { state.closers = [] }
                return (nil, state.closers)
            }
        next?.resume(returning: .success(index))
        for closer in closers { closer.resume() }
    }

    /// Refuses new callers and those who wait, and waits for those who hold a connection, at most until `end`.
    func close(by end: ContinuousClock.Instant) async {
        let waiters = state.withLock { state in
            state.closed = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closed)) }
        let timer = Task {
            try await Task.sleep(until: end)
            self.endClosing()
        }
        defer { timer.cancel() }
        await withCheckedContinuation { continuation in
            let allFree = state.withLock { state in
                if state.free.count == count || end <= .now { return true }
                state.closers.append(continuation)
                return false
            }
            if allFree { continuation.resume() }
        }
    }

    private func enqueue(
        _ id: UInt64,
        _ continuation: CheckedContinuation<Grant, Never>,
        deadline: ContinuousClock.Instant
    ) {
        // Since the first look, a connection may have become free.
        let grant: Grant? = state.withLock { state in
            if state.closed { return .failure(Self.closed) }
            if let index = state.free.popLast() { return .success(index) }
            state.waiters.append((id, continuation))
            return nil
        }
        if let grant {
            continuation.resume(returning: grant)
        } else if Task.isCancelled {
            // A cancellation that came before found nobody to answer.
            fail(id, Self.cancelled)
        } else if deadline <= .now {
            fail(id, PostgresError(.timeout, "no connection is free; nothing was run"))
        }
    }

    private func fail(_ id: UInt64, _ error: PostgresError) {
        let waiter = state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .failure(error))
    }

    private func endClosing() {
        let closers = state.withLock { state in
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    private static let closed = PostgresError(.closed, "the pool is shut down; nothing was run")
    private static let cancelled = PostgresError(.cancelled, "the caller was cancelled; nothing was run")
}
