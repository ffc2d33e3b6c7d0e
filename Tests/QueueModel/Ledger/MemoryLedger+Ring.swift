/// What the keeper asks of the ledger: which jobs to ring, and which rings were lost.
extension MemoryLedger {
    /// The next unrung job of a lane in fair order; -1: none.
    package func nextUnrung(lane: Int) -> JobNumber {
        var best = -1
        for job in 0..<rows.count
        where rows[job].state == .queued && rows[job].dispatchedAt < 0 && !rows[job].held && rows[job].lane == lane
            && isScanned(job)
        {
            if best < 0 || rows[job].vtime < rows[best].vtime { best = job }
        }
        return best
    }

    /// Marks the next unrung jobs of a lane as rung, in fair order, and returns them for the doorbell.
    package mutating func takeUnrung(lane: Int, limit: Int, now: Moment) -> [JobNumber] {
        var taken: [JobNumber] = []
        while taken.count < limit {
            let job = nextUnrung(lane: lane)
            if job < 0 { break }
            rows[job].dispatchedAt = now
            rows[job].dispatchGeneration = generation
            taken.append(job)
        }
        return taken
    }

    /// Unmarks jobs that were rung longer ago than `age` and are still not claimed: their ring is lost.
    package mutating func unmarkStale(lane: Int, olderThan age: Int, now: Moment) -> Int {
        var unmarked = 0
        for job in 0..<rows.count
        where rows[job].state == .queued && rows[job].dispatchedAt >= 0 && rows[job].lane == lane && isScanned(job) {
            if rows[job].dispatchedAt < now - age {
                rows[job].dispatchedAt = -1
                unmarked += 1
            }
        }
        return unmarked
    }

    /// Starts a new generation after Redis lost its data; false when another process was faster.
    package mutating func startGeneration(after lost: Int) -> Bool {
        guard generation == lost else { return false }
        generation += 1
        return true
    }

    /// Unmarks jobs rung in generations before the current one; running jobs are left to their leases.
    package mutating func unmarkOlderGenerations() -> Int {
        var unmarked = 0
        for job in 0..<rows.count
        where rows[job].state == .queued && rows[job].dispatchedAt >= 0 && rows[job].dispatchGeneration < generation
            && isScanned(job)
        {
            rows[job].dispatchedAt = -1
            unmarked += 1
        }
        return unmarked
    }

    /// Makes due jobs ready: retries whose pause is over, and jobs scheduled for now.
    package mutating func promoteDue(now: Moment) -> Int {
        var promoted = 0
        for job in 0..<rows.count where rows[job].state == .scheduled || rows[job].state == .retrying {
            if rows[job].runAt <= now {
                rows[job].state = .queued
                rows[job].held = false
                rows[job].dispatchedAt = -1
                rows[job].vtime = nextTime(of: rows[job])
                promoted += 1
            }
        }
        return promoted
    }
}
