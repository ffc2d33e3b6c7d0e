/// How long to wait before the next attempt to connect: doubling from 50 ms to 5 s, with full jitter above half.
///
/// Without jitter, every process would knock at a restarted server at the same instant.
struct Backoff {
    static let first: Duration = .milliseconds(50)
    static let last: Duration = .seconds(5)

    private var failures = 0

    /// The pause after one more failure: between half of the step and the whole of it.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(Self.last, Self.first * (1 << min(failures, 10)))
        failures += 1
        return step * Double.random(in: 0.5...1, using: &generator)
    }

    /// Forgets the failures after a success.
    mutating func reset() { failures = 0 }
}
