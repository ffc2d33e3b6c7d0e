import Glibc

/// A pipe to itself that interrupts a thread sleeping in `poll`.
final class WakeSignal: Sendable {
    /// What the sleeper polls for reading.
    let descriptor: Int32
    private let writer: Int32

    /// - Throws: ``PostgresError/Code/connectionFailed`` when the process has no file descriptor left.
    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(.connectionFailed, "no file descriptor is left; raise the limit of open files")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// Ends the present or the next sleep.
    func signal() {
        var byte: UInt8 = 1
        // It fails only when the pipe is full, and then the sleeper wakes anyway.
        _ = write(writer, &byte, 1)
    }

    /// Makes the next sleep last again.
    func reset() {
        var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }
}
