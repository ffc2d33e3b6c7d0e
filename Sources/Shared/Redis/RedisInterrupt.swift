private import Glibc

/// Wakes a thread that waits on a socket, from any other thread.
///
/// A pipe stands beside the socket in every poll: shutting down or cancelling need not wait for the server.
/// The signal stays raised until ``clear()``.
final class RedisInterrupt: Sendable {
    /// The reading end; negative when the process is out of descriptors.
    ///
    /// Then nothing can be interrupted, and deadlines still hold.
    let descriptor: Int32
    private let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // Not pipe2 or eventfd: the importer sees neither.
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            }
        }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if writer >= 0 { close(writer) }
    }

    func raise() {
        var byte: UInt8 = 1
        // A full pipe is a raised signal already. Both ends are open as long as we are: no broken pipe.
        _ = write(writer, &byte, 1)
    }

    func clear() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }

    /// Occupies the calling thread until the instant, or until raised.
    func wait(until deadline: ContinuousClock.Instant) {
        _ = RedisPoll.wait(socket: nil, events: 0, interrupt: self, until: deadline)
    }
}
