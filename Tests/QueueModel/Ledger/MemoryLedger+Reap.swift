/// What one sweep over dead leases did.
package struct Reaped: Sendable, Equatable {
    /// Jobs that are ready again.
    package var requeued = 0
    /// Jobs given up, or cancelled as their callers wanted.
    package var ended = 0

    package init(requeued: Int = 0, ended: Int = 0) {
        self.requeued = requeued
        self.ended = ended
    }
}

extension MemoryLedger {
    /// Deaths of the worker's process after which a job is dead, in production: hosts die with it.
    package static let maxCrashes = 5
    /// Deaths after which the next run is alone in a process of its own.
    package static let crashesBeforeIsolation = 2

    /// Takes jobs back whose lease has run out, by the server's clock.
    package mutating func reap(now: Moment) -> Reaped {
        var reaped = Reaped()
        for job in 0..<rows.count where isExpired(job, now: now) {
            takeBack(job, now: now)
            if rows[job].state.isTerminal { reaped.ended += 1 } else { reaped.requeued += 1 }
        }
        return reaped
    }

    package func isExpired(_ job: JobNumber, now: Moment) -> Bool {
        rows[job].state == .running && rows[job].leaseUntil < now
    }

    /// The death counts only when the owner's process is gone, and a dead worker costs the job no attempt.
    package mutating func takeBack(_ job: JobNumber, now: Moment) {
        if flaw == .chargesTheLiving || !isSeen(rows[job].owner, now: now) { rows[job].crashCount += 1 }
        if rows[job].cancelRequested, flaw != .claimsCancelled, flaw != .releaseForgetsCancel {
            end(job, as: .cancelled, failure: .cancelled, now: now)
        } else if rows[job].crashCount >= maxCrashes {
            end(job, as: .dead, failure: .workerDied, now: now)
        } else {
            putBack(job, as: .queued)
            rows[job].attempt -= 1
        }
    }

    /// Ends jobs whose deadline passed while they waited: nobody may claim them any more.
    package mutating func endOverdue(now: Moment) -> Int {
        var ended = 0
        for job in 0..<rows.count where rows[job].state.isWaiting && rows[job].deadline <= now {
            end(job, as: .failed, failure: .deadlineExceeded, now: now)
            ended += 1
        }
        return ended
    }
}
