extension MemoryLedger {
    /// Takes a job for a process, under a new epoch; nil where there is nothing to claim.
    ///
    /// A ready job that a rule stops becomes held: it is not rung again before the rule lets it.
    package mutating func claim(
        _ job: JobNumber,
        by owner: OwnerNumber,
        kinds: Int = ~0,
        now: Moment
    ) -> Lease? {
        guard isReady(job, kinds: kinds, now: now) else { return nil }
        if isStopped(job) {
            rows[job].held = true
            rows[job].dispatchedAt = -1
            return nil
        }
        rows[job].state = .running
        rows[job].epoch += 1
        rows[job].attempt += 1
        rows[job].owner = owner
        rows[job].leaseUntil = now + timing.lease
        rows[job].held = false
        return Lease(job: job, epoch: flaw == .fenceIsAttempt ? rows[job].attempt : rows[job].epoch, owner: owner)
    }

    /// Claims the first job of a lane in fair order, rung or not: for times without Redis.
    package mutating func claimDirectly(
        lane: Int,
        by owner: OwnerNumber,
        kinds: Int = ~0,
        now: Moment
    ) -> Lease? {
        var best = -1
        for job in 0..<rows.count
        where rows[job].state == .queued && rows[job].lane == lane && isScanned(job)
            && isReady(job, kinds: kinds, now: now) && !isStopped(job)
        {
            if best < 0 || rows[job].vtime < rows[best].vtime { best = job }
        }
        return best < 0 ? nil : claim(best, by: owner, kinds: kinds, now: now)
    }

    private func isReady(_ job: JobNumber, kinds: Int, now: Moment) -> Bool {
        rows[job].state == .queued && !rows[job].held && rows[job].runAt <= now && rows[job].deadline > now
            && (!rows[job].cancelRequested || flaw == .claimsCancelled)
            && kinds & (1 << rows[job].kind) != 0
    }
}
