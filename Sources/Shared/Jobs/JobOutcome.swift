/// How an attempt ended, as its handler says.
package enum JobOutcome: Sendable {
    /// The answer, JSON text.
    case succeeded(result: String)
    /// Trying again cannot help.
    case failed(JobFailure)
    /// Trying again may help; the policy says when, `notBefore` at the earliest after that much time.
    case retry(JobFailure, notBefore: Duration? = nil)
    /// Not yet: runs again after this long, and this attempt does not count.
    case snooze(Duration)
    case cancelled
}
