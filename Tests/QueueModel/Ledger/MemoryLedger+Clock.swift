/// Each lane's virtual time, and the floor that follows it: where scans in fair order begin.
extension MemoryLedger {
    /// The clock as the statement sees it that is being carried out.
    func clock(_ lane: Int) -> Int { clockSeen ?? laneClock[lane] }

    /// Moves a lane's virtual time to its head of queue, or to the last flow's time when nothing waits; the floor follows
    /// to where the time stood a while ago, but never over what waits.
    package mutating func advanceClock(lane: Int, now: Moment) {
        var head = Int.max
        for job in 0..<rows.count
        where rows[job].state == .queued && !rows[job].held && rows[job].lane == lane && isScanned(job) {
            head = min(head, rows[job].vtime)
        }
        if now - floorsMovedAt[lane] >= timing.floorLag {
            floors[lane] = max(floors[lane], min(nextFloors[lane], head))
            nextFloors[lane] = laneClock[lane]
            floorsMovedAt[lane] = now
        }
        if head == Int.max {
            head = 0
            for flow in 0..<flowClocks.count where flowClocks[flow].lane == lane {
                head = max(head, flowClocks[flow].vtime)
            }
        }
        laneClock[lane] = max(laneClock[lane], head)
    }

    /// Raises what is ready and stands below the floor to the lane's time, to be rung anew: left there by a statement that
    /// had read the time long before it was committed.
    package mutating func liftStragglers(lane: Int) -> Int {
        if flaw == .returnsBelowFloor || flaw == .liftsNobody { return 0 }
        var lifted = 0
        for job in 0..<rows.count
        where rows[job].state == .queued && !rows[job].held && rows[job].lane == lane && !isScanned(job) {
            rows[job].vtime = laneClock[lane]
            rows[job].dispatchedAt = -1
            lifted += 1
        }
        return lifted
    }

    /// For tests: a job where a very slow transaction might have left it.
    package mutating func leaveBehind(_ job: JobNumber) { rows[job].vtime = 0 }

    /// A job that becomes ready again stands at the lane's time at least.
    mutating func raiseToClock(_ job: JobNumber) {
        if flaw == .returnsBelowFloor { return }
        rows[job].vtime = max(rows[job].vtime, clock(rows[job].lane))
    }

    /// How the lane's time stands: what a statement that begins now goes by.
    package func clockNow(lane: Int) -> Int { laneClock[lane] }

    /// Whether ``liftStragglers(lane:)`` has anything to do.
    package func hasStragglers(lane: Int) -> Bool {
        for job in 0..<rows.count
        where rows[job].state == .queued && !rows[job].held && rows[job].lane == lane && !isScanned(job) { return true }
        return false
    }

    /// Whether the scans in fair order see a job.
    package func isScanned(_ job: JobNumber) -> Bool { rows[job].vtime >= floors[rows[job].lane] }
}
