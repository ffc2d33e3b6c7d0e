extension MemoryLedger {
    /// Ends a job whose lease still holds: row out, result in, once.
    ///
    /// A success of a job that was asked to be cancelled ends as cancelled, without a result; one past the deadline is a
    /// failure. A parent's completion job is accepted with its end. `repeated` says that an earlier try may have been applied: then what stands under the very same epoch
    /// and owner counts as applied.
    ///
    /// - Returns: Whether the job's end is this lease's; false wrote nothing.
    package mutating func complete(
        _ lease: Lease,
        as outcome: Standing,
        result: Int = 0,
        failure: FailureCode = .none,
        repeated: Bool = false,
        now: Moment
    ) -> Bool {
        let mayEnd = flaw == .completesByStateOnly ? rows[lease.job].state == .running : isHeld(lease)
        guard mayEnd else {
            guard repeated, rows[lease.job].state.isTerminal, isSame(lease) else { return false }
            if flaw == .countsChildTwice { tellParent(of: lease.job, now: now) }
            return true
        }
        if rows[lease.job].cancelRequested, outcome == .succeeded, flaw != .succeedsAfterCancel {
            end(lease.job, as: .cancelled, failure: .cancelled, now: now)
        } else if outcome == .succeeded, rows[lease.job].deadline <= now {
            end(lease.job, as: .failed, failure: .deadlineExceeded, now: now)
        } else {
            end(lease.job, as: outcome, result: result, failure: failure, now: now)
        }
        if rows[lease.job].completionJob >= 0 { acceptCompletionJob(of: lease.job, now: now) }
        return true
    }

    /// Whether an ended job was ended under this lease: the row keeps both numbers.
    private func isSame(_ lease: Lease) -> Bool {
        let epoch = flaw == .fenceIsAttempt ? rows[lease.job].attempt : rows[lease.job].epoch
        return epoch == lease.epoch && rows[lease.job].owner == lease.owner
    }
}
