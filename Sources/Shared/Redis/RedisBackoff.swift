/// How long to wait before the next attempt to connect: doubling from 50 ms to 2 s, with jitter.
///
/// Each delay is drawn from the upper half of its step, so that the processes that lost one server at the same moment
/// do not come back at the same moment.
struct RedisBackoff: Equatable {
    private(set) var failures = 0

    /// Short enough that a restarted server is found before a caller's retry budget is spent.
    static let shortest: Duration = .milliseconds(50)
    /// Long enough to leave a struggling server alone, shorter than the five seconds a health check allows.
    static let longest: Duration = .seconds(2)

    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(Self.longest, Self.shortest * (1 << min(failures, 16)))
        failures += 1
        return step * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    mutating func reset() { failures = 0 }
}
