/// What was accepted against where it stands: the difference must be zero in any snapshot.
package struct Audit: Sendable, Equatable {
    package var accepted: Int
    package var live: Int
    package var terminal: Int

    package init(accepted: Int, live: Int, terminal: Int) {
        self.accepted = accepted
        self.live = live
        self.terminal = terminal
    }

    package var difference: Int { accepted - live - terminal }
}

extension MemoryLedger {
    package func audit(tenant: Int) -> Audit {
        var audit = Audit(accepted: acceptedCount[tenant], live: 0, terminal: 0)
        for job in 0..<rows.count where rows[job].tenant == tenant && rows[job].state != .absent {
            if rows[job].state.isTerminal { audit.terminal += 1 } else { audit.live += 1 }
        }
        return audit
    }
}
