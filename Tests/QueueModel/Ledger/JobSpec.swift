/// What is accepted.
package struct JobSpec: Sendable, Equatable {
    package var number: JobNumber
    package var tenant = 0
    /// The second part of the fairness flow.
    package var cluster = 0
    /// 0 is critical, 3 is bulk.
    package var lane = 2
    package var kind = 0
    package var payload = 0
    package var cost = 1
    /// Not before this moment; 0 runs at once.
    package var runAt: Moment = 0
    package var deadline: Moment = .never
    package var maxAttempts = 3
    /// The idempotency key; -1: none.
    package var key = -1
    package var parent: JobNumber = -1

    package init(_ number: JobNumber) {
        self.number = number
    }
}

/// What the ledger says to one offered job.
package enum Acceptance: Sendable, Equatable {
    case accepted(JobNumber)
    /// The key was used before for the same payload: this is the job it made.
    case duplicate(JobNumber)
    /// The key was used before for another payload.
    case keyConflict(JobNumber)
    /// Its deadline is over already.
    case deadlinePassed
    /// An operator lets this lane, kind or tenant run dry.
    case draining
}

/// The right to work on a job.
package struct Lease: Sendable, Hashable {
    package var job: JobNumber
    package var epoch: Int
    package var owner: OwnerNumber

    package init(job: JobNumber, epoch: Int, owner: OwnerNumber) {
        self.job = job
        self.epoch = epoch
        self.owner = owner
    }
}
