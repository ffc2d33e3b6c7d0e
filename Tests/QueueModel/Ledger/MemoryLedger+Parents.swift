extension MemoryLedger {
    /// Parks a parent under its lease and accepts its children, in one transaction.
    ///
    /// The parent runs again when its children have ended (or, with `failFast`, at the first failure). The attempt does
    /// not count.
    package mutating func fanOut(
        _ lease: Lease,
        children: [JobSpec],
        policy: FailPolicy,
        completionJob: JobNumber = -1,
        now: Moment
    ) -> Bool {
        guard isHeld(lease) else { return false }
        let parent = lease.job
        if rows[parent].cancelRequested {
            end(parent, as: .cancelled, failure: .cancelled, now: now)
            return true
        }
        putBack(parent, as: .scheduled)
        rows[parent].attempt -= 1
        rows[parent].runAt = .never
        rows[parent].childrenTotal = children.count
        rows[parent].childrenOpen = children.count
        rows[parent].childrenFailed = 0
        rows[parent].failPolicy = policy
        rows[parent].completionJob = completionJob
        for var child in children {
            child.parent = parent
            write(child, ring: false, now: now)
        }
        return true
    }

    /// Counts a child's end in its parent, once, and wakes the parent when it was the last or the policy says so.
    mutating func tellParent(of child: JobNumber, now: Moment) {
        let parent = rows[child].parent
        if parent < 0 { return }
        if rows[child].isCounted, flaw != .countsChildTwice { return }
        rows[child].isCounted = true
        if !rows[parent].state.isLive { return }
        rows[parent].childrenOpen -= 1
        if rows[child].state != .succeeded { rows[parent].childrenFailed += 1 }
        let failedFast =
            rows[parent].failPolicy == .failFast && rows[parent].childrenFailed == 1
            && rows[child].state != .succeeded
        if rows[parent].childrenOpen == 0 || failedFast, rows[parent].state == .scheduled {
            rows[parent].state = .queued
            rows[parent].runAt = now
            rows[parent].dispatchedAt = -1
            raiseToClock(parent)
        }
    }

    /// Accepts what follows a parent, in the transaction in which its worker ends it.
    mutating func acceptCompletionJob(of parent: JobNumber, now: Moment) {
        let number = rows[parent].completionJob
        guard number >= 0, rows[number].state == .absent else { return }
        var spec = JobSpec(number)
        spec.tenant = rows[parent].tenant
        spec.lane = rows[parent].lane
        spec.kind = rows[parent].kind
        write(spec, ring: false, now: now)
    }
}
