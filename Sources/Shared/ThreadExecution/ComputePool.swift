import Glibc
import Synchronization

/// A fixed number of threads for work that needs a processor for long.
///
/// The cooperative pool is as wide as the machine has cores; a long computation there would stall every other task.
package final class ComputePool: Sendable {
    /// Why the pool refused work.
    package struct Closed: Error, CustomStringConvertible {
        package let description = "the compute pool is shut down; start work before the process stops"
    }

    private struct Item: Sendable {
        let run: @Sendable () -> Void
        let cancel: @Sendable () -> Void
    }

    private struct State: Sendable {
        /// In the order of arrival; an id without an item was cancelled.
        var order: [UInt64] = []
        var first = 0
        var items: [UInt64: Item] = [:]
        var running = 0
        var stopping = false
        var threads: [pthread_t] = []
    }

    package let name: String
    private let monitor = Monitor(State())
    private let ids = Atomic<UInt64>(0)

    /// Starts the threads; traps when the system grants none, since a process in that state cannot work.
    package init(name: String, threads: Int) {
        precondition(threads > 0, "a compute pool needs a thread")
        self.name = name
        monitor.withLock { state in
            for index in 0..<threads {
                guard let thread = OSThread.start(name: "\(name)-\(index)", { [monitor] in Self.serve(monitor) }) else {
                    preconditionFailure("the system grants no thread for \(name); raise the limit of processes")
                }
                state.threads.append(thread)
            }
        }
    }

    /// Without this, a forgotten pool would keep its threads for ever.
    deinit {
        for thread in Self.close(monitor) { pthread_detach(thread) }
    }

    /// How many pieces of work wait for a thread.
    package var queued: Int { monitor.withLock { $0.items.count } }

    /// How many pieces of work run now.
    package var running: Int { monitor.withLock { $0.running } }

    /// Runs `work` on one of the threads.
    ///
    /// Cancelling the caller removes work that still waits; work that runs is not interrupted and should look at its
    /// own flag if it can take long.
    ///
    /// - Throws: What `work` throws, `CancellationError` if it was removed, ``Closed`` after ``shutdown()``.
    package func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let id = ids.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let item = Item(
                    run: { continuation.resume(with: Result { try work() }) },
                    cancel: { continuation.resume(throwing: CancellationError()) }
                )
                guard submit(id, item) else {
                    continuation.resume(throwing: Closed())
                    return
                }
                // A cancellation that came before the item was queued found nothing to remove.
                if Task.isCancelled { remove(id) }
            }
        } onCancel: {
            remove(id)
        }
    }

    /// Refuses new work, cancels what waits, and waits for what runs; from one of its own threads, does not wait.
    package func shutdown() {
        let threads = Self.close(monitor)
        let itself = pthread_self()
        for thread in threads {
            if pthread_equal(thread, itself) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
        }
    }

    /// Does the same without occupying the caller's thread meanwhile.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let join: @Sendable () -> Void = {
                self.shutdown()
                continuation.resume()
            }
            if !OSThread.detach(name: "join", join) { continuation.resume() }
        }
    }

    private func submit(_ id: UInt64, _ item: Item) -> Bool {
        let accepted = monitor.withLock { state in
            guard !state.stopping else { return false }
            state.items[id] = item
            state.order.append(id)
            return true
        }
        if accepted { monitor.signal() }
        return accepted
    }

    private func remove(_ id: UInt64) {
        let item = monitor.withLock { $0.items.removeValue(forKey: id) }
        item?.cancel()
    }

    /// Marks the end, cancels what waits, and hands out the threads that must be joined.
    private static func close(_ monitor: Monitor<State>) -> [pthread_t] {
        let (threads, waiting): ([pthread_t], [Item]) = monitor.withLock { state in
            state.stopping = true
            let result = (state.threads, Array(state.items.values))
            state.threads = []
            state.items = [:]
            return result
        }
        monitor.broadcast()
        for item in waiting { item.cancel() }
        return threads
    }

    private static func serve(_ monitor: Monitor<State>) {
        while true {
            let item: Item? = monitor.wait { (state) -> Item?? in
                while state.first < state.order.count {
                    let id = state.order[state.first]
                    state.first += 1
                    // Half empty: move up, so that the array does not grow for ever.
                    if state.first > 64, state.first * 2 > state.order.count {
                        state.order.removeFirst(state.first)
                        state.first = 0
                    }
                    if let item = state.items.removeValue(forKey: id) {
                        state.running += 1
                        return .some(item)
                    }
                }
                return state.stopping ? .some(nil) : nil
            }
            guard let item else { return }
            item.run()
            monitor.withLock { $0.running -= 1 }
        }
    }
}
