/// When a request is worth another attempt, and how long to wait before it: full jitter, so that many workers
/// that failed together do not come back together.
package struct RetryPolicy: Sendable {
    /// The first try counts.
    package var attempts = 5
    /// Upper end of the first wait; it doubles with every attempt.
    package var base: Duration = .milliseconds(250)
    /// No wait is longer, whatever a server asks for: a worker's lease is worth more than politeness.
    package var cap: Duration = .seconds(20)

    package init() {}

    package init(attempts: Int, base: Duration = .milliseconds(250), cap: Duration = .seconds(20)) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
    }

    /// One attempt only.
    package static let none = RetryPolicy(attempts: 1)

    /// EC2 and its neighbours say "slow down" with these, some of them under status 400.
    static let throttleCodes: Set<String> = [
        "RequestLimitExceeded", "EC2ThrottledException", "Throttling", "ThrottlingException", "ThrottledException",
        "RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "SlowDown",
        "PriorRequestNotComplete",
        "BandwidthLimitExceeded", "LimitExceededException", "ProvisionedThroughputExceededException",
    ]

    /// True for 5xx (save 501, which time does not cure), 429, and a throttling code.
    package func isTransient(_ response: FetchResponse) -> Bool {
        if response.status == 429 || (response.status >= 500 && response.status != 501) { return true }
        return response.serviceCode.map(Self.throttleCodes.contains) ?? false
    }

    /// Returns the wait before the attempt after `attempt`, which starts at 1.
    ///
    /// What the server asked for is a floor, up to the cap; `fraction` is a random number in 0..<1.
    package func delay(after attempt: Int, retryAfter: Duration? = nil, fraction: Double) -> Duration {
        let doublings = min(max(0, attempt - 1), 20)  // 2^20 base intervals are beyond any cap
        let ceiling = min(cap, base * (1 << doublings))
        let jittered = ceiling * min(max(0, fraction), 1)
        return min(cap, max(jittered, retryAfter ?? .zero))
    }

    /// Reads `Retry-After`: seconds, or an HTTP date against the response's own `Date` header.
    package static func retryAfter(_ headers: FetchHeaders) -> Duration? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let then = HTTPDate.seconds(text), let now = headers["date"].flatMap(HTTPDate.seconds) else { return nil }
        return .seconds(max(0, then - now))
    }
}

/// Time and chance as the retries see them; tests put their own in.
package struct RetryEnvironment: Sendable {
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A number in 0..<1.
    package var fraction: @Sendable () -> Double

    package init(sleep: @escaping @Sendable (Duration) async throws -> Void, fraction: @escaping @Sendable () -> Double)
    {
        self.sleep = sleep
        self.fraction = fraction
    }

    package static let live = RetryEnvironment(
        sleep: { try await Task.sleep(for: $0) },
        fraction: { Double.random(in: 0..<1) }
    )
}
