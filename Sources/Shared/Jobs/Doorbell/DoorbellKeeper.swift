import FoundationEssentials
package import Logging
import Redis

/// Keeps the streams in step with the ledger: rings what waits, notices lost data, clears what the dead left behind.
///
/// Any number may run. Every step is safe to repeat and to race: a job rung twice is claimed once.
package struct DoorbellKeeper {
    /// A stream never holds fewer than this: a small fleet's next quarter of a second.
    static let smallestWindow = 512
    /// Nor more: what is in a stream can no longer be overtaken by a more deserving tenant.
    static let largestWindow = 50_000
    /// A window holds what its lane drains in this time.
    static let windowSeconds = 0.25
    /// A rung job that was not claimed after this long, beyond what its stream still holds, was lost.
    static let patience: Duration = .seconds(30)
    /// An entry unacknowledged for this long belongs to a dead reader: claiming takes milliseconds.
    static let reclaimIdle: Duration = .seconds(5)
    /// A consumer that holds nothing and was idle this long is a process that is gone.
    static let consumerIdle: Duration = .seconds(600)

    private let ledger: JobLedger
    private let doorbell: Doorbell
    private let logger: Logger
    private var runID: String?
    private var drained: [Lane: (read: Int, at: ContinuousClock.Instant)] = [:]
    private var published: [Lane: Doorbell.Gauge] = [:]

    package init(ledger: JobLedger, doorbell: Doorbell, logger: Logger) {
        self.ledger = ledger
        self.doorbell = doorbell
        self.logger = logger
    }

    /// Compares Redis with the generation it was rung in, and starts a new one when its data is gone.
    ///
    /// To be called every second.
    package mutating func checkGeneration() async throws {
        let (generation, token) = try await ledger.doorbell()
        let found = try await doorbell.generationToken()
        let run = try await doorbell.redis.info("server")["run_id"]
        guard found != token.uuidString || (runID != nil && runID != run) else { return runID = run }
        // Losing the race is fine: the winner is unmarking what was lost, and the next check sees its token.
        guard let fresh = try await ledger.startGeneration(after: generation) else { return }
        try await doorbell.ensureGroups()
        try await doorbell.announceGeneration(fresh.uuidString)
        var unmarked = 0
        while case let batch = try await ledger.unmarkOlderGenerations(), batch > 0 { unmarked += batch }
        // Last: whoever dies before this leaves Redis without the token, and the next check starts again.
        // Refused by a Redis that has lost its data once more meanwhile: what was rung since is gone, too.
        guard try await doorbell.setGenerationToken(fresh.uuidString) else { return }
        try await ledger.finishGeneration(fresh)
        runID = run
        logger.notice(
            "redis has lost its data or was restarted; ringing again",
            metadata: ["generation": "\(generation + 1)", "jobs": "\(unmarked)"]
        )
    }

    /// Rings unrung jobs as far as the windows allow.
    ///
    /// - Returns: Whether more waits: then the next call should come soon.
    package mutating func dispatch() async throws -> Bool {
        var more = try await applyRules()
        for lane in Lane.allCases where try await dispatch(lane) { more = true }
        return more
    }

    /// Recovers what readers left unclaimed and what rings were lost.
    ///
    /// Every second.
    package mutating func recover() async throws {
        for lane in Lane.allCases {
            _ = try await doorbell.reclaim(lane, idle: Self.reclaimIdle)
            let age = try await doorbell.gauge(lane).oldestUnread ?? .zero
            let lost = try await ledger.unmarkStale(lane: lane, olderThan: age + Self.patience)
            if lost > 0 {
                logger.notice("rings were lost; ringing again", metadata: ["lane": "\(lane)", "jobs": "\(lost)"])
            }
        }
    }

    /// Looks after what changes slowly.
    ///
    /// Every minute.
    package mutating func tidy() async throws {
        for lane in Lane.allCases { _ = try await doorbell.sweepConsumers(lane, idle: Self.consumerIdle) }
        do {
            try await doorbell.requireNoEviction()
        } catch let error as JobError {
            // Ringing goes on: what is evicted is rung again, and an operator can read.
            logger.error("\(error)")
        }
    }

    /// Holds what pauses keep from running, before it takes others' places in the windows, and lets go what may run again.
    ///
    /// - Returns: Whether more is to be held or let go.
    private func applyRules() async throws -> Bool {
        let batch = 2000
        var more = try await ledger.releaseHeld(limit: batch) == batch
        guard try await ledger.hasRules() else { return more }
        for lane in Lane.allCases where try await ledger.holdPaused(lane: lane, limit: batch) == batch { more = true }
        return more
    }

    private mutating func dispatch(_ lane: Lane) async throws -> Bool {
        let gauge = try await doorbell.gauge(lane)
        let window = windowSize(lane, read: gauge.read)
        var room = window - gauge.length
        var hasBacklog = room <= 0 && published[lane]?.hasBacklog == true
        while room > 0 {
            let batch = min(room, 500)
            let rings = try await ledger.takeUnrung(lane: lane, limit: batch)
            if !rings.isEmpty { _ = try await doorbell.ring(rings) }
            room -= rings.count
            hasBacklog = rings.count == batch
            if rings.count < batch { break }
        }
        if room <= 0, !hasBacklog { hasBacklog = true }
        try await publish(lane, Doorbell.Gauge(window: window, hasBacklog: hasBacklog))
        return hasBacklog
    }

    /// What the lane drains in a quarter of a second, from the group's own count of entries read.
    private mutating func windowSize(_ lane: Lane, read: Int) -> Int {
        let now = ContinuousClock.now
        guard let last = drained[lane], read >= last.read else {
            drained[lane] = (read, now)
            return published[lane]?.window ?? Self.smallestWindow
        }
        let seconds = (now - last.at).inSeconds
        guard seconds >= 0.2 else { return published[lane]?.window ?? Self.smallestWindow }
        drained[lane] = (read, now)
        let measured = Int(Double(read - last.read) / seconds * Self.windowSeconds)
        return min(max(measured, Self.smallestWindow), Self.largestWindow)
    }

    private mutating func publish(_ lane: Lane, _ gauge: Doorbell.Gauge) async throws {
        try await doorbell.publish(lane, window: gauge.window, hasBacklog: gauge.hasBacklog)
        published[lane] = gauge
    }
}
