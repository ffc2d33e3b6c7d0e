/// Decides when expired leases mean dead workers, rather than a ledger in which nobody could renew them.
package struct ReapGate: Sendable, Equatable {
    private let timing: Timing
    private var lastAnswer: Moment = -1
    private var reapAfter: Moment = .never

    package init(timing: Timing) {
        self.timing = timing
    }

    /// False until the ledger has answered without a pause for one whole lease.
    package func mayReap(at now: Moment) -> Bool {
        lastAnswer >= 0 && now - lastAnswer <= timing.longestPause && now >= reapAfter
    }

    package mutating func ledgerAnswered(at now: Moment) {
        if lastAnswer < 0 || now - lastAnswer > timing.longestPause { reapAfter = now + timing.lease }
        lastAnswer = now
    }
}
