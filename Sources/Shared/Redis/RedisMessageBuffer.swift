private import Synchronization

/// The events that wait for one slow reader: bounded, the oldest give way.
///
/// Publishing must never wait for a reader, and memory must not grow with its slowness. AsyncStream's own bounded
/// buffer cannot say *where* something is missing; this one puts a gap in its place.
final class RedisMessageBuffer: Sendable {
    private struct State {
        var events: [RedisMessage] = []
        /// Index of the oldest event; those before it have been read.
        var first = 0
        var dropped = 0
        var reader: CheckedContinuation<RedisMessage?, Never>?
        var isFinished = false

        var count: Int { events.count - first }

        mutating func pop() -> RedisMessage {
            defer {
                first += 1
                // Reading an array from the front is cheap as long as its head is cut off now and then.
                if first * 2 > events.count {
                    events.removeFirst(first)
                    first = 0
                }
            }
            return events[first]
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = max(1, capacity) }

    func push(_ event: RedisMessage) {
        let reader: CheckedContinuation<RedisMessage?, Never>? = state.withLock { state in
            if state.isFinished { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            if state.count >= capacity {
                _ = state.pop()
                state.dropped += 1
            }
            state.events.append(event)
            return nil
        }
        reader?.resume(returning: event)
    }

    /// Lets the reader have what is there, and then ends.
    func finish() {
        let reader = state.withLock { state in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }

    /// The next event, or nil at the end.
    ///
    /// One reader at a time; a second one ends the first.
    func next() async -> RedisMessage? {
        await withCheckedContinuation { (continuation: CheckedContinuation<RedisMessage?, Never>) in
            let ready: (resume: CheckedContinuation<RedisMessage?, Never>, event: RedisMessage?)? =
                state.withLock { state in
                    if state.dropped > 0 {
                        defer { state.dropped = 0 }
                        return (continuation, .gap(dropped: state.dropped))
                    }
                    if state.count > 0 { return (continuation, state.pop()) }
                    if state.isFinished { return (continuation, nil) }
                    defer { state.reader = continuation }
                    return state.reader.map { ($0, nil) }
                }
            ready?.resume.resume(returning: ready?.event)
        }
    }
}
