/// When a failed attempt runs again: exponential growth with full jitter, so that a herd spreads out.
package struct RetryPolicy: Sendable {
    package let maxAttempts: Int
    /// The first retry waits up to this long; each further one up to twice as long.
    package let base: Duration
    package let cap: Duration

    package init(maxAttempts: Int, base: Duration, cap: Duration) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.cap = cap
    }

    /// A caller waits for the answer: few attempts, short pauses.
    package static let decision = RetryPolicy(maxAttempts: 4, base: .milliseconds(200), cap: .seconds(5))
    /// Somebody else's service: patience.
    package static let external = RetryPolicy(maxAttempts: 8, base: .seconds(2), cap: .seconds(300))

    /// The wait before the attempt after `attempt` (1 is the first): uniform between 0 and the exponential bound.
    package func delay(
        afterAttempt attempt: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let bound = min(base * (1 << doublings), cap)
        return bound * Double.random(in: 0...1, using: &generator)
    }
}
