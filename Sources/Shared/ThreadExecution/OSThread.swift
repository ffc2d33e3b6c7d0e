import CThread
import Glibc

/// Starts operating-system threads that carry a name.
package enum OSThread {
    /// Starts a thread that nobody joins; its resources go when `body` returns.
    ///
    /// The name is shown by ps, top and gdb, cut after 15 bytes.
    ///
    /// - Returns: Whether the system granted the thread.
    @discardableResult
    package static func detach(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard let thread = start(name: name, body) else { return false }
        pthread_detach(thread)
        return true
    }

    /// Starts a thread that the caller must join or detach; nil when the system grants no more threads.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
        let entry = Unmanaged.passRetained(Entry(name: name, body: body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            nil,
            { raw in
                guard let raw else { return nil }
                let entry = Unmanaged<Entry>.fromOpaque(raw).takeRetainedValue()
                cthread_set_name(entry.name)
                entry.body()
                return nil
            },
            entry.toOpaque()
        )
        guard status == 0 else {
            entry.release()
            return nil
        }
        return thread
    }

    private final class Entry: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
