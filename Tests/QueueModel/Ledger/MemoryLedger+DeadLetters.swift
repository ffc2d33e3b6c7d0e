extension MemoryLedger {
    /// Makes a dead job live again: the same id, a higher epoch, everything else from the start.
    package mutating func redrive(_ job: JobNumber, now: Moment) -> Bool {
        guard rows[job].state == .dead, rows[job].payloadKept else { return false }
        rows[job].failure = .none
        rows[job].attempt = 0
        rows[job].crashCount = 0
        rows[job].cancelRequested = false
        putBack(job, as: .queued)
        rows[job].runAt = now
        // A caller who wants it now has seen the deadline pass.
        rows[job].deadline = .never
        rows[job].vtime = max(rows[job].vtime, laneClock[rows[job].lane])
        return true
    }

    /// Gives a dead job up for good: its end stays, its payload goes.
    package mutating func discard(_ job: JobNumber) -> Bool {
        guard rows[job].state == .dead, rows[job].payloadKept else { return false }
        rows[job].payloadKept = false
        return true
    }
}
