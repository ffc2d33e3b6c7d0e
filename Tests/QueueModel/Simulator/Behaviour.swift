/// What a job's handler does in one run; after its last listed run a job succeeds.
package enum Behaviour: UInt8, Sendable, CaseIterable {
    case succeed
    /// Reports progress and a checkpoint halfway, then succeeds.
    case report
    case retry, snooze, rateLimit, fail
    /// Takes its process down, every time; alone in a process of its own only that one.
    case poison
    /// Takes the whole machine down, every time.
    case machinePoison
    /// Makes two children and a completion job, and finishes when they have ended.
    case fanOut
    /// Goes on when told to cancel, and reports success.
    case ignoreCancel
}

/// What a job does and what is done to it.
package struct JobScript: Sendable {
    package var spec: JobSpec
    package var submittedAt: Moment
    /// False once shrinking has found that the job does not matter.
    package var isSubmitted: Bool { submittedAt < .never }
    /// By run; both kinds of poison stay what they are.
    package var first: Behaviour = .succeed
    package var second: Behaviour = .succeed
    /// How long a run takes.
    package var work = 100
    /// When somebody wants it cancelled; -1: nobody.
    package var cancelledAt: Moment = -1
    package var failPolicy: FailPolicy = .finishAll
    /// The first of three numbers for children and completion job; -1: none.
    package var family: JobNumber = -1
    /// Whether the first child fails.
    package var childFails = false
    /// Whether a dead or failed end of it is redriven once.
    package var isRedriven = false
}
