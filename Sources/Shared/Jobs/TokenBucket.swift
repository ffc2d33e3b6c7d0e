package import Postgres

/// A budget of calls to somebody else's service, shared by the whole fleet through the ledger.
///
/// The server's clock fills it. A caller either gets a place in line, told how long to wait for it, or nothing.
package struct TokenBucket: Sendable {
    package let name: String
    /// Tokens per second.
    package let rate: Double
    /// Tokens that can gather while nobody calls.
    package let burst: Double

    private let pool: PostgresPool

    package init(name: String, rate: Double, burst: Double, pool: PostgresPool) {
        precondition(rate > 0 && burst >= 1, "a bucket that never fills would stop its callers for ever")
        self.name = name
        self.rate = rate
        self.burst = burst
        self.pool = pool
    }

    /// What a caller hears.
    package enum Answer: Sendable, Equatable {
        /// The tokens are his after this wait.
        case granted(after: Duration)
        /// Nothing was taken: it would have taken this long.
        case refused(for: Duration)
    }

    /// Takes tokens, or a place in line of at most `patience`.
    package func take(_ tokens: Double = 1, patience: Duration) async throws -> Answer {
        let rows = try await pool.query(
            "SELECT take_tokens($1, $2, $3, $4, $5)",
            [.text(name), .double(tokens), .double(rate), .double(burst), .double(patience.inSeconds)],
            deadline: .seconds(5)
        )
        let seconds: Double = try rows[0].get(0)
        return seconds < 0 ? .refused(for: .seconds(-seconds)) : .granted(after: .seconds(seconds))
    }
}
