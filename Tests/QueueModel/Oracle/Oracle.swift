/// Watches every statement and knows the truth about each job: the judge of both simulator and model checker.
package struct Oracle: Sendable {
    /// What a statement did to a job, as far as the world around has to know.
    struct Change: OptionSet {
        let rawValue: UInt8
        static let attemptEnded = Change(rawValue: 1)
        static let deathCharged = Change(rawValue: 2)
        static let ended = Change(rawValue: 4)
    }

    private let timing: Timing
    var ghosts: [Ghost]
    var liveJobs = 0
    /// Counts claims over the whole world: the identity of an attempt, which the epoch has to stand for.
    private(set) var claims = 0
    private var keyOwners: [JobNumber]
    /// The first rule that was broken.
    private(set) var broken: (invariant: Invariant, job: JobNumber)?

    init(capacity: Int, timing: Timing) {
        self.timing = timing
        ghosts = Array(repeating: Ghost(), count: capacity)
        keyOwners = Array(repeating: -1, count: capacity)
    }

    mutating func violate(_ invariant: Invariant, _ job: JobNumber) {
        if broken == nil { broken = (invariant, job) }
    }

    // MARK: What is known before the row is looked at

    /// A claim was granted.
    mutating func noteClaim(of lease: Lease, now: Moment) {
        claims += 1
        let job = lease.job
        if ghosts[job].claim != 0 { violate(.doubleClaim, job) }
        if ghosts[job].isCancelWanted { violate(.ranAfterCancel, job) }
        ghosts[job].claim = claims
        ghosts[job].owner = lease.owner
        ghosts[job].renewedAt = now
        ghosts[job].runs += 1
    }

    mutating func noteBeat(_ message: Message, _ answer: BeatAnswer, now: Moment) {
        let isNewest = ghosts[message.job].claim == message.claim
        if answer == .lost {
            if isNewest { violate(.holderRefused, message.job) }
        } else if isNewest {
            ghosts[message.job].renewedAt = now
        } else {
            violate(.staleBeat, message.job)
        }
    }

    /// A worker's write was answered; `ledgerWasRunning` says how the row stood before.
    mutating func noteWrite(_ message: Message, isYes: Bool, ledgerWasRunning: Bool) {
        if !isYes, ghosts[message.job].claim == message.claim { violate(.holderRefused, message.job) }
        if isYes, !ledgerWasRunning, ghosts[message.job].endedUnder != message.claim {
            violate(.strangersEnd, message.job)
        }
    }

    mutating func noteCancel(in ledger: MemoryLedger) {
        for job in 0..<ghosts.count where ledger.rows[job].cancelRequested { ghosts[job].isCancelWanted = true }
    }

    mutating func noteRedrive(of job: JobNumber) {
        ghosts[job].isEnded = false
        ghosts[job].isCancelWanted = false
        ghosts[job].crashCount = 0
        liveJobs += 1
    }

    // MARK: The row

    /// Compares a job's row with what is known of it, given the statement that was carried out.
    mutating func observe(_ job: JobNumber, _ message: Message, in ledger: MemoryLedger, now: Moment) -> Change {
        let row = ledger.rows[job]
        if row.epoch < ghosts[job].epoch { violate(.epochShrank, job) }
        ghosts[job].epoch = row.epoch
        if row.state == .absent {
            if ghosts[job].isInserted { violate(.lost, job) }
            return []
        }
        if !ghosts[job].isInserted { noteInsertion(job, key: row.key) }
        if ghosts[job].isEnded {
            if row.state != ghosts[job].endState || row.result != ghosts[job].result { violate(.endChanged, job) }
            return []
        }
        if row.progress != ghosts[job].progress {
            if message.operation != .report || message.claim != ghosts[job].claim { violate(.staleProgress, job) }
            ghosts[job].progress = row.progress
        }
        var change: Change = []
        if row.state != .running, ghosts[job].claim != 0 {
            noteEndOfAttempt(job, message, now: now)
            change.insert(.attemptEnded)
        }
        if row.crashCount > ghosts[job].crashCount {
            ghosts[job].crashCount = row.crashCount
            change.insert(.deathCharged)
        }
        if row.state.isTerminal {
            noteEnd(job, row)
            change.insert(.ended)
        }
        return change
    }

    private mutating func noteInsertion(_ job: JobNumber, key: Int) {
        ghosts[job].isInserted = true
        liveJobs += 1
        if key >= 0 {
            if keyOwners[key] >= 0 { violate(.keyMadeTwo, job) }
            keyOwners[key] = job
        }
    }

    private mutating func noteEndOfAttempt(_ job: JobNumber, _ message: Message, now: Moment) {
        switch message.operation {
        case .complete, .release, .fanOut:
            if message.job != job || message.claim != ghosts[job].claim { violate(.staleWrite, job) }
        case .reap, .takeBack:
            if now - ghosts[job].renewedAt <= timing.lease { violate(.leaseTakenEarly, job) }
        default: violate(.leaseBroken, job)
        }
        ghosts[job].endedUnder = ghosts[job].claim
        ghosts[job].claim = 0
    }

    private mutating func noteEnd(_ job: JobNumber, _ row: JobRow) {
        liveJobs -= 1
        ghosts[job].isEnded = true
        ghosts[job].endState = row.state
        ghosts[job].result = row.result
        if row.state != .succeeded, row.result != 0 { violate(.resultWithoutSuccess, job) }
        if row.state == .succeeded, ghosts[job].isCancelWanted { violate(.resultAfterCancel, job) }
    }

    /// Whether a parent's count of open children is what the children's ends say.
    mutating func checkFamily(parent: JobNumber, firstChild: JobNumber, in ledger: MemoryLedger) {
        guard ledger.rows[parent].state.isLive, ledger.rows[parent].childrenTotal > 0 else { return }
        let open = (ghosts[firstChild].isEnded ? 0 : 1) + (ghosts[firstChild + 1].isEnded ? 0 : 1)
        if ledger.rows[parent].childrenOpen != open { violate(.childMiscounted, parent) }
    }
}
