import CThread
import Dispatch

#if canImport(Glibc)
import Glibc
#endif

/// One OS thread that runs one closure, for work that must go on whatever the cooperative pool is doing.
package final class DedicatedThread: Sendable {
    private let finished = DispatchSemaphore(value: 0)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: As seen in ps and gdb; cut at 15 bytes.
    ///   - body: Runs once. The thread ends with it.
    package init(name: String, body: @escaping @Sendable () -> Void) {
        let start = Start(name: name, body: body, finished: finished)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                cthread_set_name(start.name)
                start.body()
                start.finished.signal()
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        precondition(code == 0, "the system refuses to start a thread (pthread_create: \(code)); raise the process limit")
        pthread_detach(thread)
    }

    /// Waits until the closure has returned. Blocks: never call it on the cooperative pool.
    ///
    /// - Returns: Whether it ended within the time.
    package func join(atMost limit: Duration) -> Bool {
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        guard finished.wait(timeout: .now() + seconds) == .success else { return false }
        finished.signal()  // for the next caller
        return true
    }
}

/// What the new thread is handed.
private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    let finished: DispatchSemaphore

    init(name: String, body: @escaping @Sendable () -> Void, finished: DispatchSemaphore) {
        self.name = name
        self.body = body
        self.finished = finished
    }
}
