/// Why a job leaves a worker without having ended.
package enum Release: Sendable, Equatable {
    /// Failed, to run again after this long.
    case retry(after: Int)
    /// Asked to wait: the attempt does not count.
    case snooze(Int)
    /// Somebody else's limit: runs again at that moment, and the attempt does not count.
    case rateLimited(until: Moment)
    /// The worker stops: the attempt does not count, the job is ready at once.
    case handBack
}

extension MemoryLedger {
    /// Gives a job back under its lease; the epoch rises, so that a late write of the same worker is refused too.
    ///
    /// A job that was asked to be cancelled ends instead: nobody would claim it again. So does one whose last attempt
    /// has failed.
    ///
    /// - Returns: Whether the lease held.
    package mutating func release(_ lease: Lease, _ how: Release, now: Moment) -> Bool {
        guard isHeld(lease) else { return false }
        let job = lease.job
        if rows[job].cancelRequested, flaw != .claimsCancelled, flaw != .releaseForgetsCancel {
            end(job, as: .cancelled, failure: .cancelled, now: now)
            return true
        }
        switch how {
        case .retry(let after):
            if rows[job].attempt >= rows[job].maxAttempts {
                end(job, as: .dead, failure: .retriesExhausted, now: now)
                return true
            }
            putBack(job, as: .retrying)
            rows[job].runAt = now + after
        case .snooze(let after):
            putBack(job, as: .scheduled)
            rows[job].attempt -= 1
            rows[job].runAt = now + after
        case .rateLimited(let until):
            putBack(job, as: .retrying)
            rows[job].attempt -= 1
            rows[job].runAt = until
        case .handBack:
            putBack(job, as: .queued)
            rows[job].attempt -= 1
            rows[job].runAt = now
            if flaw == .epochResetOnHandBack { rows[job].epoch = 0 }
        }
        return true
    }

    /// Writes how far a running job is; refused without the lease.
    package mutating func report(progress: Int, _ lease: Lease) -> Bool {
        guard mayReport(lease) else { return false }
        rows[lease.job].progress = progress
        return true
    }

    /// Writes where a running job can go on after a crash; refused without the lease.
    package mutating func save(checkpoint: Int, _ lease: Lease) -> Bool {
        guard mayReport(lease) else { return false }
        rows[lease.job].checkpoint = checkpoint
        return true
    }

    private func mayReport(_ lease: Lease) -> Bool {
        flaw == .progressByID ? rows[lease.job].state == .running : isHeld(lease)
    }
}
