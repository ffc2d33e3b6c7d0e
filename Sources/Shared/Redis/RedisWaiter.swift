private import Synchronization

/// One caller's wait for one outcome, which may come from any thread and counts once.
///
/// The connection's thread settles it with a reply; cancellation and shutdown settle it from elsewhere, without
/// waiting for that thread. Whoever is first wins and the others are ignored, so a caller is never resumed twice.
final class RedisWaiter: Sendable {
    typealias Outcome = Result<RedisValue, RedisError>

    private enum State {
        case untouched
        case waiting(CheckedContinuation<Outcome, Never>)
        case settled(Outcome)
        case finished
    }

    private let state = Mutex(State.untouched)

    /// Whether nobody waits for the outcome any more.
    var isSettled: Bool {
        state.withLock { state in
            switch state {
            case .untouched, .waiting: false
            case .settled, .finished: true
            }
        }
    }

    func settle(_ outcome: Outcome) {
        let continuation: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .untouched:
                state = .settled(outcome)
                return nil
            case .waiting(let continuation):
                state = .finished
                return continuation
            case .settled, .finished:
                return nil
            }
        }
        continuation?.resume(returning: outcome)
    }

    /// Suspends until settled.
    ///
    /// Must be called once.
    func outcome() async throws(RedisError) -> RedisValue {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
                let early: Outcome? = state.withLock { state in
                    guard case .settled(let outcome) = state else {
                        state = .waiting(continuation)
                        return nil
                    }
                    state = .finished
                    return outcome
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            settle(.failure(.cancelled))
        }
        return try outcome.get()
    }
}
