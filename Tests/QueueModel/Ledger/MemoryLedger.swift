/// The ledger in memory: every statement of the real one as one mutating function, which is as atomic as a transaction.
///
/// Time is handed in, as the server's `now()`. The conformance suite compares it with PostgreSQL; the simulator and
/// the model checker run on it. Plain numbers in arrays: a debug build must run hundreds of thousands of worlds.
package struct MemoryLedger: Sendable {
    package let timing: Timing
    package let flaw: Flaw
    /// Deaths after which a job is dead; the model checker uses fewer than production.
    package var maxCrashes = MemoryLedger.maxCrashes

    /// By job number; rows of jobs that were never accepted are `.absent`.
    package internal(set) var rows: [JobRow]
    /// By key; -1: unused.
    var keyOwner: [JobNumber]
    package var rules = Rules()

    /// The fair-queueing clock of each lane.
    var laneClock = [0, 0, 0, 0]
    /// Where the scans of each lane begin: nothing ready stands below, but for what a slow statement left there.
    var floors = [Int.min, Int.min, Int.min, Int.min]
    /// What the floors become next, and since when that is known.
    var nextFloors = [Int.min, Int.min, Int.min, Int.min]
    var floorsMovedAt: [Moment] = [0, 0, 0, 0]
    /// The clock of the one lane as the statement now carried out saw it when it began; nil: as it stands.
    package var clockSeen: Int?
    var flowClocks: [FlowClock] = []

    package internal(set) var generation = 1
    /// When each process last beat; -1: never, or gone with a clean stop.
    package internal(set) var lastSeen: [Moment]

    /// Jobs ever written as accepted, by tenant: what the audit compares with.
    package internal(set) var acceptedCount: [Int] = [0, 0, 0, 0]

    /// - Parameters:
    ///   - capacity: One more than the highest job number.
    ///   - timing: Of leases above all.
    ///   - flaw: A deliberate mistake, for tests of the tests.
    package init(capacity: Int, timing: Timing = .production, flaw: Flaw = .none) {
        self.timing = timing
        self.flaw = flaw
        self.rows = Array(repeating: JobRow(), count: capacity)
        self.keyOwner = Array(repeating: -1, count: capacity)
        self.lastSeen = []
    }

    /// Whether the lease is the one the ledger knows: the fence before every write of a worker.
    func isHeld(_ lease: Lease) -> Bool {
        if rows[lease.job].state != .running { return false }
        if flaw == .fenceIsAttempt {
            return rows[lease.job].attempt == lease.epoch && rows[lease.job].owner == lease.owner
        }
        return rows[lease.job].epoch == lease.epoch && rows[lease.job].owner == lease.owner
    }

    /// Takes a row out of its owner's hands, under a new epoch and unrung.
    mutating func putBack(_ job: JobNumber, as state: Standing) {
        rows[job].state = state
        rows[job].epoch += 1
        rows[job].owner = -1
        rows[job].leaseUntil = 0
        rows[job].dispatchedAt = -1
        rows[job].held = false
        if state == .queued { raiseToClock(job) }
    }

    /// Moves a row from the live table to the results, and tells its parent, in one transaction.
    mutating func end(_ job: JobNumber, as state: Standing, result: Int = 0, failure: FailureCode = .none, now: Moment)
    {
        rows[job].state = state
        rows[job].result = state == .succeeded ? result : 0
        rows[job].failure = failure
        rows[job].payloadKept = state == .dead || state == .failed
        rows[job].held = false
        rows[job].dispatchedAt = -1
        tellParent(of: job, now: now)
    }
}
