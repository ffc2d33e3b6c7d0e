import Synchronization

/// What waits for one connection; filled from any task, emptied by the connection's thread.
final class PostgresMailbox: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var pending: [PostgresRequest] = []
        /// The earliest deadline among those that wait; may be too early, never too late.
        var earliest: Instant?
        /// Until when the thread sleeps, if it does.
        var sleepingUntil: Instant?
        /// Whether the thread is at work or has been asked to be.
        var scheduled = false
        /// Set when the connection is to end: what is not done by then fails.
        var closing: Instant?
    }

    private let state = Mutex(State())
    private let limit: Int
    let wake: WakeSignal
    /// Requests that wait or are under way.
    private let load = Atomic<Int>(0)
    /// Until when no attempt to connect is made, in nanoseconds since `epoch`; 0 after a success.
    private let downUntil = Atomic<Int64>(0)
    private let epoch = ContinuousClock.now

    init(limit: Int) throws(PostgresError) {
        self.limit = limit
        self.wake = try WakeSignal()
    }

    var currentLoad: Int { load.load(ordering: .relaxed) }

    /// Whether connecting failed and is not yet tried again.
    var isDown: Bool {
        let until = downUntil.load(ordering: .relaxed)
        return until != 0 && epoch + .nanoseconds(until) > .now
    }

    func markDown(until instant: Instant) {
        let (seconds, attoseconds) = epoch.duration(to: instant).components
        downUntil.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
    }

    /// Queues a request, or answers it with the reason why not.
    ///
    /// - Returns: Whether the thread must be asked to work.
    func submit(_ request: PostgresRequest) -> Bool {
        var refusal: PostgresError?
        var mustWake = false
        let mustSchedule = state.withLock { state in
            guard state.closing == nil else {
                refusal = PostgresError(.closed, "the connection is shut down; nothing was run")
                return false
            }
            guard state.pending.count < limit else {
                refusal = PostgresError(
                    .overloaded,
                    "\(limit) statements already wait for this connection; nothing was run; try later"
                )
                return false
            }
            state.pending.append(request)
            load.add(1, ordering: .relaxed)
            state.earliest = min(state.earliest ?? request.deadline, request.deadline)
            if let until = state.sleepingUntil, request.deadline < until { mustWake = true }
            defer { state.scheduled = true }
            return !state.scheduled
        }
        if let refusal { request.fail(refusal) }
        if mustWake { wake.signal() }
        return mustSchedule
    }

    /// Answers a cancelled caller; takes back what has not been sent, and tells the thread about what has.
    func cancel(_ request: PostgresRequest) {
        guard request.fail(PostgresRequest.cancelledByCaller) else { return }
        state.withLock { state in
            if let index = state.pending.firstIndex(where: { $0 === request }) {
                state.pending.remove(at: index)
                load.subtract(1, ordering: .relaxed)
            }
        }
        wake.signal()
    }

    /// Takes what goes out as one pipeline: a COPY alone, or statements up to the next COPY.
    ///
    /// - Returns: Nothing when nothing waits; the thread then rests until it is asked again.
    func take(atMost most: Int) -> [PostgresRequest] {
        state.withLock { state in
            var end = 0
            for request in state.pending.prefix(most) {
                if case .copy = request.work {
                    if end == 0 { end = 1 }
                    break
                }
                end += 1
            }
            if end == 0 {
                state.scheduled = false
                state.earliest = nil
                return []
            }
            let batch = Array(state.pending.prefix(end))
            state.pending.removeFirst(end)
            return batch
        }
    }

    /// Lets the thread rest if nothing waits.
    func restIfEmpty() -> Bool {
        state.withLock { state in
            guard state.pending.isEmpty else { return false }
            state.scheduled = false
            state.earliest = nil
            return true
        }
    }

    /// Puts requests that did not run back in front.
    func putBack(_ requests: [PostgresRequest]) {
        guard !requests.isEmpty else { return }
        state.withLock { state in
            state.pending.insert(contentsOf: requests, at: 0)
            for request in requests {
                state.earliest = min(state.earliest ?? request.deadline, request.deadline)
            }
        }
    }

    /// Counts requests as finished that were taken and not put back.
    func settled(_ count: Int) { load.subtract(count, ordering: .relaxed) }

    /// Fails everything that waits.
    func failPending(_ error: PostgresError) {
        let requests = state.withLock { state in
            defer { state.pending = [] }
            load.subtract(state.pending.count, ordering: .relaxed)
            return state.pending
        }
        for request in requests { request.fail(error) }
    }

    /// Fails the statements of transactions.
    func failTransactions(_ error: PostgresError) {
        let requests = state.withLock { state in
            let found = state.pending.filter { $0.generation != nil }
            if !found.isEmpty { state.pending.removeAll { $0.generation != nil } }
            load.subtract(found.count, ordering: .relaxed)
            return found
        }
        for request in requests { request.fail(error) }
    }

    /// Fails what has waited past its deadline and notes how long the thread may sleep.
    ///
    /// - Returns: When the thread must wake at the latest.
    func prepareSleep(until: Instant, now: Instant) -> Instant {
        var expired: [PostgresRequest] = []
        let result = state.withLock { state in
            if let earliest = state.earliest, earliest <= now {
                expired = state.pending.filter { $0.deadline <= now }
                state.pending.removeAll { $0.deadline <= now }
                load.subtract(expired.count, ordering: .relaxed)
                state.earliest = state.pending.map(\.deadline).min()
            }
            var wakeAt = min(until, state.earliest ?? until)
            if let closing = state.closing { wakeAt = min(wakeAt, closing) }
            state.sleepingUntil = wakeAt
            return wakeAt
        }
        for request in expired { request.fail(PostgresRequest.deadlinePassedUnsent) }
        return result
    }

    private func peek<Result>(_ body: ([PostgresRequest]) -> Result) -> Result {
        state.withLock { body($0.pending) }
    }

    /// When the connection must have ended, if it is to end.
    var closing: Instant? { state.withLock { $0.closing } }

    /// Refuses new requests; what is queued may finish until then.
    func close(by instant: Instant) {
        state.withLock { $0.closing = min($0.closing ?? instant, instant) }
        wake.signal()
    }
}

extension PostgresMailbox {
    /// Whether nothing waits, without letting the thread rest.
    var restsNext: Bool { peek { $0.isEmpty } }

    /// Whether the next request belongs to a transaction of this session.
    func expects(_ generation: UInt64) -> Bool { peek { $0.first?.generation == generation } }
}
