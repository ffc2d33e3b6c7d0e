import FoundationEssentials
import Jobs
import Synchronization

/// The leases this process holds: written by its jobs, read by the heartbeat thread.
final class LeaseTable: Sendable {
    private struct Entry {
        let lease: Lease
        let cancel: @Sendable () -> Void
        /// Its end is being written: the ledger may forget the lease at any moment, and rightly so.
        var isEnding = false
    }

    private let entries = Mutex<[JobID: Entry]>([:])

    var count: Int { entries.withLock(\.count) }

    /// The leases to renew.
    var leases: [Lease] { entries.withLock { $0.values.map(\.lease) } }

    /// - Parameters:
    ///   - lease: The right just claimed.
    ///   - cancel: Stops the work on it.
    func add(_ lease: Lease, cancel: @escaping @Sendable () -> Void) {
        entries.withLock { $0[lease.job] = Entry(lease: lease, cancel: cancel) }
    }

    func remove(_ lease: Lease) {
        entries.withLock { entries in
            if entries[lease.job]?.lease == lease { entries[lease.job] = nil }
        }
    }

    /// Marks a job whose end is about to be written.
    func beginEnding(_ lease: Lease) {
        entries.withLock { entries in
            if entries[lease.job]?.lease == lease { entries[lease.job]?.isEnding = true }
        }
    }

    /// Stops the work on leases that a heartbeat about `asked` did not find, and on those to be cancelled.
    ///
    /// - Returns: How many leases were lost.
    func apply(_ reply: HeartbeatReply, asked: [Lease]) -> Int {
        let stopped: [(isLost: Bool, cancel: @Sendable () -> Void)] = entries.withLock { entries in
            asked.compactMap { lease in
                guard let entry = entries[lease.job], entry.lease == lease, !entry.isEnding else { return nil }
                let isLost = !reply.held.contains(lease)
                guard isLost || reply.cancelRequested.contains(lease) else { return nil }
                return (isLost, entry.cancel)
            }
        }
        for job in stopped { job.cancel() }
        return stopped.count { $0.isLost }
    }
}
