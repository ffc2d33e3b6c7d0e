private import Glibc

/// Waits for a socket with a deadline and an interrupt.
///
/// The only place that waits.
enum RedisPoll {
    enum Outcome: Equatable {
        case ready(events: Int16)
        case interrupted
        case expired
    }

    static func wait(
        socket: Int32?,
        events: Int16,
        interrupt: RedisInterrupt,
        until deadline: ContinuousClock.Instant
    ) -> Outcome {
        // poll(2) ignores negative descriptors.
        var watched = (
            pollfd(fd: socket ?? -1, events: events, revents: 0),
            pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0)
        )
        while true {
            let ready = withUnsafeMutableBytes(of: &watched) { bytes in
                let list = bytes.assumingMemoryBound(to: pollfd.self)
                return poll(list.baseAddress, nfds_t(list.count), milliseconds(until: deadline))
            }
            if ready > 0 {
                return watched.1.revents != 0 ? .interrupted : .ready(events: watched.0.revents)
            }
            if ready == 0 && ContinuousClock.now >= deadline { return .expired }
            // A signal (EINTR), or a deadline beyond what one poll can count: once more.
            if ready < 0 && errno != EINTR { return .ready(events: Int16(POLLERR)) }
        }
    }

    /// Whether anything at all can be read, without waiting: data, the end of the stream, or an error.
    static func isReadable(_ socket: Int32) -> Bool {
        var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) != 0
    }

    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let (seconds, attoseconds) = (deadline - .now).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        // Rounded up, so that a wait never ends before its deadline and spins; an hour at most per poll.
        return Int32(min(seconds, 3_600) * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
