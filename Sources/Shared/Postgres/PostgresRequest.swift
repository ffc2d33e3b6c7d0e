import Synchronization

/// One caller who waits for one piece of work; answered exactly once, whoever comes first.
final class PostgresRequest: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Outcome = Result<Reply, PostgresError>

    /// What the caller gets: the rows, and which session of the connection they came from.
    struct Reply: Sendable {
        let rows: PostgresRows
        let generation: UInt64
    }

    enum Work: Sendable {
        case statement(sql: String, PostgresParameters)
        case copy(PostgresCopy)
        /// Our own housekeeping; nobody waits for it.
        case deallocate(name: String)
    }

    private enum State {
        case fresh
        case waiting(CheckedContinuation<Outcome, Never>)
        case answered(Outcome)
        /// The continuation has been resumed.
        case done
    }

    let work: Work
    /// When the caller stops waiting.
    let deadline: Instant
    /// The session that the work belongs to, for statements of a transaction: on any other it must not run.
    let generation: UInt64?
    private let state = Mutex(State.fresh)
    private let attempts = Mutex(1)
    /// Two more are plenty: what makes a statement not run is rare.
    private static let attemptLimit = 3

    init(_ work: Work, deadline: Instant, generation: UInt64? = nil) {
        self.work = work
        self.deadline = deadline
        self.generation = generation
    }

    /// Begins the caller's wait; false when the answer was already there and has been given.
    func install(_ continuation: CheckedContinuation<Outcome, Never>) -> Bool {
        let answer: Outcome? = state.withLock { state in
            if case .answered(let outcome) = state {
                state = .done
                return outcome
            }
            state = .waiting(continuation)
            return nil
        }
        guard let answer else { return true }
        continuation.resume(returning: answer)
        return false
    }

    /// Answers the caller, unless that has happened; returns whether this call did it.
    @discardableResult
    func finish(_ outcome: Outcome) -> Bool {
        let (first, continuation): (Bool, CheckedContinuation<Outcome, Never>?) = state.withLock { state in
            switch state {
            case .fresh:
                state = .answered(outcome)
                return (true, nil)
            case .waiting(let continuation):
                state = .done
                return (true, continuation)
            case .answered, .done: return (false, nil)
            }
        }
        continuation?.resume(returning: outcome)
        return first
    }

    @discardableResult
    func fail(_ error: PostgresError) -> Bool { finish(.failure(error)) }

    /// Whether nobody waits any more.
    var isDone: Bool {
        state.withLock { state in
            switch state {
            case .fresh, .waiting: false
            case .answered, .done: true
            }
        }
    }

    /// Allows a statement that provably did not run to be sent again, a few times.
    ///
    /// Never inside a transaction, whose earlier statements are gone.
    func mayRetry() -> Bool {
        guard generation == nil, !isDone else { return false }
        return attempts.withLock { attempts in
            attempts += 1
            return attempts <= Self.attemptLimit
        }
    }

    /// Whether it has been sent before.
    var isRetry: Bool { attempts.withLock { $0 > 1 } }

    static let deadlinePassed = PostgresError(
        .timeout,
        "the deadline passed; the statement may or may not have run"
    )
    static let deadlinePassedUnsent = PostgresError(.timeout, "the deadline passed before it was sent; nothing was run")
    static let transactionLost = PostgresError(
        .connectionLost,
        "the transaction's connection broke; what it had not committed is undone"
    )
    static let cancelledByCaller = PostgresError(
        .cancelled,
        "the caller was cancelled; a statement already sent may or may not have run"
    )
}
