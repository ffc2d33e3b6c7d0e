import CLibpq
import Synchronization
import ThreadExecution

/// One request to the server to cancel what a session runs, sent from a thread of its own.
///
/// libpq's cancel blocks without a deadline, for instance while the server is stopped; hence the thread, and the
/// bound on how many there may be.
final class CancelRequest: Sendable {
    /// More than this many hanging threads mean that the server is out of reach, and more would not reach it.
    private static let limit = 16
    private static let running = Atomic<Int>(0)

    // @unchecked: libpq documents PGcancel as safe to use from another thread; only the thread that gets it frees it.
    private struct Handle: @unchecked Sendable { let pointer: OpaquePointer }

    private let done = Atomic<Bool>(false)

    /// Sends the request; nil when it cannot be sent, so that the connection has to be given up instead.
    init?(_ link: PostgresLink, wake: WakeSignal) {
        guard Self.running.add(1, ordering: .relaxed).newValue <= Self.limit, let pointer = PQgetCancel(link.handle)
        else {
            Self.running.subtract(1, ordering: .relaxed)
            return nil
        }
        let handle = Handle(pointer: pointer)
        let started = OSThread.detach(name: "pg-cancel") { [self] in
            // Its error is not interesting: the grace period ends the wait.
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(handle.pointer, &message, Int32(message.count))
            PQfreeCancel(handle.pointer)
            Self.running.subtract(1, ordering: .relaxed)
            done.store(true, ordering: .releasing)
            wake.signal()
        }
        guard started else {
            PQfreeCancel(pointer)
            Self.running.subtract(1, ordering: .relaxed)
            return nil
        }
    }

    /// Whether the server has taken the request: from here on it cannot hit a statement sent later.
    var isDone: Bool { done.load(ordering: .acquiring) }
}
