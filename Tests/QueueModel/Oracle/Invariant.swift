/// What must hold whatever goes wrong.
package enum Invariant: String, Sendable, CaseIterable {
    case epochShrank = "an epoch only grows"
    case endChanged = "an end is final"
    case lost = "an accepted job is in the ledger"
    case neverEnds = "once faults stop, every accepted job ends"
    case staleWrite = "only the newest lease ends an attempt"
    case strangersEnd = "a repeated report is confirmed only to the one whose end it is"
    case holderRefused = "the newest lease is never refused"
    case staleBeat = "only the newest lease is confirmed by a heartbeat"
    case staleProgress = "only the newest lease writes progress"
    case leaseTakenEarly = "a lease is taken back only after it has run out by the server's clock"
    case leaseTakenFromHealthy = "a worker without trouble of its own never loses a lease"
    case leaseBroken = "nobody but its holder and the reaper ends a running attempt"
    case blamedTheLiving = "a death is charged only when the process was silent for a whole lease"
    case doubleClaim = "a job is in one process's hands"
    case ranAfterCancel = "no attempt starts after a cancel"
    case resultAfterCancel = "no result is applied after a cancel"
    case resultWithoutSuccess = "only a success has a result"
    case keyMadeTwo = "an idempotency key makes one job"
    case childMiscounted = "a parent counts each child once"
    case unfairRing = "rings follow the fair order"
    case windowOverrun = "a stream holds no more than its window and what the callers ring themselves"
    case slowRecovery = "a dead worker's job runs again within fifteen seconds"
    case auditDiffers = "accepted is live plus ended"
}

/// An invariant that did not hold.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    package var invariant: Invariant
    package var job: JobNumber
    package var at: Moment

    package var description: String { "job \(job) at \(at) ms: not so: \(invariant.rawValue)" }
}
