import Synchronization

/// Joins a task's cancellation with a transfer that may not exist yet when it comes.
final class CancellationTicket: Sendable {
    private struct State {
        var transfer: Transfer?
        var cancelled = false
    }

    private let state = Mutex(State())

    /// - Returns: Whether the cancellation came first.
    func attach(_ transfer: Transfer) -> Bool {
        state.withLock { state in
            state.transfer = transfer
            return state.cancelled
        }
    }

    /// - Returns: The transfer to end, if it has been attached.
    func cancel() -> Transfer? {
        state.withLock { state in
            state.cancelled = true
            return state.transfer
        }
    }
}
