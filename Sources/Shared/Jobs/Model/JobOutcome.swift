/// How an attempt ended, as its handler says.
package enum JobOutcome: Sendable {
    /// The answer, JSON text.
    case succeeded(result: String)
    /// Trying again cannot help.
    case failed(JobFailure)
    /// Trying again may help; the policy says when, `notBefore` at the earliest after that much time.
    case retry(JobFailure, notBefore: Duration? = nil)
    /// Somebody else's service refused for now and said when to come back; this attempt does not count.
    case rateLimited(Duration, JobFailure)
    /// Not yet: runs again after this long, and this attempt does not count.
    case snooze(Duration)
    /// The work goes on in these children; the job is finished when they have ended.
    case fanOut(FanOut)
    /// It ran alone in a process of its own, and that process died: it is not tried any more.
    case quarantined(JobFailure)
    case cancelled
}

/// Children that share one job's work.
package struct FanOut: Sendable {
    package let children: [NewJob]
    /// Whether the first failed child ends the wait, and the others are cancelled.
    package let failFast: Bool
    /// Accepted in the transaction in which a worker finishes the parent, well or badly; a parent that is cancelled, misses
    /// its deadline or dies has none.
    package let completion: CompletionJob?

    package init(children: [NewJob], failFast: Bool = false, completion: CompletionJob? = nil) {
        self.children = children
        self.failFast = failFast
        self.completion = completion
    }
}

/// A job to be accepted when another has ended.
package struct CompletionJob: Sendable, Codable, Equatable {
    package let kindName: String
    /// JSON text.
    package let payload: String

    package init(kind: JobKind, payload: String) {
        self.kindName = kind.name
        self.payload = payload
    }
}
