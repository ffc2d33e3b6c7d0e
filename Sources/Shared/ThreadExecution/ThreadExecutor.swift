import Glibc

/// A serial executor that owns one operating-system thread, so that blocking C calls never occupy the cooperative pool.
///
/// The thread lives until ``stop()`` or ``shutdown()``; whoever makes the executor must end it. Jobs that arrive
/// afterwards still run, one at a time, on a short-lived thread: a job that never ran would leave its task hanging.
package final class ThreadExecutor: SerialExecutor {
    private struct State: Sendable {
        var queue: [UnownedJob] = []
        /// The thread that runs jobs now; nil once it has ended.
        var thread: pthread_t?
        var stopping = false
        var sleeping = false
        /// The first thread must be joined or detached exactly once.
        var mustRelease = true
    }

    /// What the thread is called in ps, top and gdb; cut there after 15 bytes.
    package let name: String
    private let monitor = Monitor(State())

    /// Starts the thread; traps when the system grants none, since a process in that state cannot work.
    package init(name: String) {
        self.name = name
        monitor.withLock { state in
            guard let thread = OSThread.start(name: name, { self.run() }) else {
                preconditionFailure("the system grants no thread for \(name); raise the limit of processes")
            }
            state.thread = thread
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustWake = monitor.withLock { state in
            state.queue.append(job)
            if state.thread == nil {
                guard let late = OSThread.start(name: name, { self.run() }) else {
                    preconditionFailure("the system grants no thread for \(name); raise the limit of processes")
                }
                pthread_detach(late)
                state.thread = late
            }
            return state.sleeping
        }
        if mustWake { monitor.broadcast() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isCurrent, "not on the thread of \(name)")
    }

    /// Whether the caller runs on this executor's thread.
    package var isCurrent: Bool {
        monitor.withLock { state in state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// Asks the thread to end once its queue is empty, and returns at once.
    package func stop() {
        let abandoned: pthread_t? = monitor.withLock { state in
            state.stopping = true
            guard state.mustRelease else { return nil }
            state.mustRelease = false
            return state.thread
        }
        if let abandoned { pthread_detach(abandoned) }
        monitor.broadcast()
    }

    /// Runs what is queued, ends the thread and waits for it; from its own thread, only asks for the end.
    package func shutdown() {
        let (mine, joinable): (Bool, pthread_t?) = monitor.withLock { state in
            state.stopping = true
            let mine = state.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
            guard state.mustRelease else { return (mine, nil) }
            state.mustRelease = false
            return (mine, state.thread)
        }
        monitor.broadcast()
        if let joinable {
            if mine { pthread_detach(joinable) } else { pthread_join(joinable, nil) }
        }
        guard !mine else { return }
        monitor.wait { state in state.thread == nil ? () : nil }
    }

    /// Does the same without occupying the caller's thread meanwhile.
    package func shutdown() async {
        await withCheckedContinuation { continuation in
            let join: @Sendable () -> Void = {
                self.shutdown()
                continuation.resume()
            }
            if !OSThread.detach(name: "join", join) {
                stop()
                continuation.resume()
            }
        }
    }

    private func run() {
        var batch: [UnownedJob] = []
        while next(&batch) {
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
            batch.removeAll(keepingCapacity: true)
        }
        monitor.broadcast()
    }

    /// Takes everything that is queued; false when the thread shall end.
    private func next(_ batch: inout [UnownedJob]) -> Bool {
        monitor.wait { state in
            state.sleeping = false
            if !state.queue.isEmpty {
                swap(&state.queue, &batch)
                return true
            }
            if state.stopping {
                state.thread = nil
                return false
            }
            state.sleeping = true
            return nil
        }
    }
}
