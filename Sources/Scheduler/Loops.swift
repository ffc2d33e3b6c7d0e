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

    /// A sweep that takes long leaves the ledger to the others for a while, within what the reaper's gate takes for a
    /// ledger that answers.
    func step() async throws -> Duration {
        var reaper = self.reaper
        defer { self.reaper = reaper }
        let start = ContinuousClock.now
        try await reaper.sweep()
        return min(max(.seconds(1), (ContinuousClock.now - start) * 4), .seconds(2))
    }
}

/// The rhythm of what needs the ledger alone: it goes on while Redis is away.
actor LedgerLoop {
    /// A retry is at most this late.
    private static let pause: Duration = .milliseconds(100)

    private let ledger: JobLedger
    private let doorbell: Doorbell
    private var nextClocks = ContinuousClock.now
    private var nextSecond = ContinuousClock.now
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
            nextClocks = now + JobLedger.floorLag
        }
        if now >= nextSecond {
            try await ledger.raiseFloors()
            try await endOverdue()
            nextSecond = now + .seconds(1)
        }
        let limit = 200
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

/// The rhythm of looking below the floors: for what stands where ordinary scans no longer look.
///
/// Over a connection of its own, since a look may have to step over millions of dead entries.
actor FloorLoop {
    private static let pause: Duration = .seconds(2)
    /// Between two looks from the indexes' beginnings.
    private static let fullPause: Duration = .seconds(5)
    /// A look that takes long is taken the more rarely: a fortieth of the time at most.
    private static let share = 40

    private let ledger: JobLedger
    private var nextFull = ContinuousClock.now

    init(ledger: JobLedger) {
        self.ledger = ledger
    }

    func step() async throws -> Duration {
        let start = ContinuousClock.now
        if start >= nextFull {
            // Should it not come to an end in time, it is not begun again at once.
            nextFull = start + .seconds(600)
            _ = try await ledger.liftStragglers(everywhere: true)
            try await ledger.lowerFloors()
            nextFull = .now + max(Self.fullPause, (ContinuousClock.now - start) * Self.share)
            return Self.pause
        }
        _ = try await ledger.liftStragglers()
        return max(Self.pause, (ContinuousClock.now - start) * Self.share)
    }
}
