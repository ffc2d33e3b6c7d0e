extension MemoryLedger {
    /// Makes a dead or failed job live again: the same id, a higher epoch, everything else from the start.
    ///
    /// A parent that has not ended waits for the child again; one whose children live is not redriven.
    package mutating func redrive(_ job: JobNumber, now: Moment) -> Bool {
        guard isDeadLetter(job) else { return false }
        for child in 0..<rows.count where rows[child].parent == job && rows[child].state.isLive { return false }
        let parent = rows[job].parent
        if parent >= 0, rows[job].isCounted, rows[parent].state.isLive {
            rows[parent].childrenOpen += 1
            rows[parent].childrenFailed = max(0, rows[parent].childrenFailed - 1)
        }
        rows[job].isCounted = false
        rows[job].childrenTotal = 0
        rows[job].childrenOpen = 0
        rows[job].failure = .none
        rows[job].attempt = 0
        rows[job].crashCount = 0
        rows[job].cancelRequested = false
        putBack(job, as: .queued)
        rows[job].runAt = now
        if rows[job].allowance < .never { rows[job].deadline = now + rows[job].allowance }
        return true
    }

    private func isDeadLetter(_ job: JobNumber) -> Bool {
        (rows[job].state == .dead || rows[job].state == .failed) && rows[job].payloadKept
    }

    /// Gives a dead job up for good: its end stays, its payload goes.
    package mutating func discard(_ job: JobNumber) -> Bool {
        guard isDeadLetter(job) else { return false }
        rows[job].payloadKept = false
        return true
    }
}
