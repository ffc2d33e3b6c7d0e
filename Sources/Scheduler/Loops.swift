import Jobs
import Logging

/// The doorbell keeper's rhythm.
actor KeeperLoop {
    /// While nothing waits in the ledger.
    private static let idlePause: Duration = .milliseconds(200)
    /// While it does: a window holds a quarter of a second of work, so it never runs dry.
    private static let busyPause: Duration = .milliseconds(50)

    private var keeper: DoorbellKeeper
    private var nextCheck = ContinuousClock.now
    private var nextTidy = ContinuousClock.now

    init(keeper: DoorbellKeeper) {
        self.keeper = keeper
    }

    func step() async throws -> Duration {
        var keeper = self.keeper
        defer { self.keeper = keeper }
        let now = ContinuousClock.now
        if now >= nextTidy {
            try await keeper.tidy()
            nextTidy = now + .seconds(60)
        }
        if now >= nextCheck {
            try await keeper.checkGeneration()
            try await keeper.recover()
            nextCheck = now + .seconds(1)
        }
        return try await keeper.dispatch() ? Self.busyPause : Self.idlePause
    }
}

/// The reaper's rhythm.
actor ReaperLoop {
    private var reaper: LeaseReaper

    init(reaper: LeaseReaper) {
        self.reaper = reaper
    }

    func step() async throws -> Duration {
        var reaper = self.reaper
        defer { self.reaper = reaper }
        try await reaper.sweep()
        return .seconds(1)
    }
}

/// The rhythm of what needs the ledger alone: it goes on while Redis is away.
actor LedgerLoop {
    /// A retry is at most this late.
    private static let pause: Duration = .milliseconds(100)

    private let ledger: JobLedger
    private let doorbell: Doorbell
    private var nextClocks = ContinuousClock.now
    private var nextTidy = ContinuousClock.now

    init(ledger: JobLedger, doorbell: Doorbell) {
        self.ledger = ledger
        self.doorbell = doorbell
    }

    func step() async throws -> Duration {
        let now = ContinuousClock.now
        if now >= nextTidy {
            try await ledger.tidy()
            nextTidy = now + .seconds(60)
        }
        if now >= nextClocks {
            try await ledger.advanceClocks()
            try await endOverdue()
            nextClocks = now + .seconds(1)
        }
        let limit = 1000
        let start = ContinuousClock.now
        guard try await ledger.promoteDue(limit: limit) == limit else { return Self.pause }
        // A herd is due at once: half of the time belongs to the others, whose jobs need the ledger as well.
        return ContinuousClock.now - start
    }

    /// Ends waiting jobs whose deadline has passed; whoever waits for them is told, if Redis is there.
    private func endOverdue() async throws {
        while case let ended = try await ledger.endOverdue(), !ended.isEmpty {
            try? await doorbell.announce(ended)
        }
    }
}
