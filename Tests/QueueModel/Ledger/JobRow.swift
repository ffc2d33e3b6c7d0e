/// Where a job stands in the model: the ledger's states, and that there is no such job.
package enum Standing: UInt8, Sendable, CaseIterable {
    case absent
    case scheduled, queued, running, retrying
    case succeeded, failed, cancelled, dead

    package var isTerminal: Bool { rawValue >= Standing.succeeded.rawValue }
    package var isLive: Bool { rawValue >= Standing.scheduled.rawValue && rawValue <= Standing.retrying.rawValue }
    /// Live and in nobody's hands.
    package var isWaiting: Bool { isLive && self != .running }
}

/// Why a job ended badly.
package enum FailureCode: UInt8, Sendable {
    case none, handler, deadlineExceeded, workerDied, poison, retriesExhausted, cancelled
}

/// What a parent does about a child that failed.
package enum FailPolicy: UInt8, Sendable {
    /// The parent runs again at the first failure.
    case failFast
    /// The parent runs again when all children have ended.
    case finishAll
}

/// One job: the row of `job_live`, or of `job_result` once the state is terminal.
package struct JobRow: Sendable, Equatable {
    package var state: Standing = .absent
    package var tenant = 0
    package var cluster = 0
    package var lane = 0
    package var kind = 0
    package var payload = 0
    package var cost = 1
    package var vtime = 0
    package var runAt: Moment = 0
    package var deadline: Moment = .never
    /// From acceptance to deadline; `.never` without one.
    package var allowance: Moment = .never
    package var attempt = 0
    package var maxAttempts = 3
    package var crashCount = 0
    /// The fencing token: only ever grows.
    package var epoch = 0
    package var owner: OwnerNumber = -1
    package var leaseUntil: Moment = 0
    /// When it was last rung; -1: not rung.
    package var dispatchedAt: Moment = -1
    package var dispatchGeneration = 0
    package var cancelRequested = false
    /// Waits for a rule (pause or cap): not rung until it is released.
    package var held = false
    package var key = -1
    package var progress = 0
    package var checkpoint = 0
    package var result = 0
    package var failure: FailureCode = .none
    package var payloadKept = true

    package var parent: JobNumber = -1
    /// Whether the parent has been told of this job's end.
    package var isCounted = false
    package var childrenTotal = 0
    package var childrenOpen = 0
    package var childrenFailed = 0
    package var failPolicy: FailPolicy = .finishAll
    /// Accepted together with the parent's success; -1: none.
    package var completionJob: JobNumber = -1

    package init() {}
}
