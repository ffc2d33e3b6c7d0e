package import FoundationEssentials
package import Logging
import Postgres
import Redis

/// What a process looks at before it starts: what could lose jobs stops it, what could only hurt is said.
package struct BootChecks {
    /// Processes and the ledger may differ by this much before it is worth a word: times in logs and answers are off by it.
    static let tolerableOffset: TimeInterval = 1

    private let ledger: JobLedger
    private let doorbell: Doorbell
    private let logger: Logger

    package init(ledger: JobLedger, doorbell: Doorbell, logger: Logger) {
        self.ledger = ledger
        self.doorbell = doorbell
        self.logger = logger
    }

    /// A Redis that is away is only worth a warning: jobs go on without it.
    ///
    /// - Throws: ``JobError`` `.unsafeConfiguration` for a Redis that may evict the streams; whatever the ledger says.
    package func run() async throws {
        try await warnOfClock()
        do {
            try await doorbell.requireNoEviction()
            try await warnOfPersistence()
        } catch let error as RedisError {
            logger.warning("redis does not answer; going on without it", metadata: ["error": "\(error)"])
        }
    }

    private func warnOfClock() async throws {
        let offset = try await ledger.clockOffset()
        guard abs(offset) > Self.tolerableOffset else { return }
        logger.warning(
            "this machine's clock differs from the ledger's; jobs are unharmed, times in logs are off: set up NTP",
            metadata: ["seconds_ahead": "\((offset * 10).rounded() / 10)"]
        )
    }

    private func warnOfPersistence() async throws {
        guard try await !doorbell.isPersistent() else { return }
        logger.warning(
            "redis keeps nothing on disk; after a restart of it every waiting job is rung again, which takes a while: set appendonly yes"
        )
    }
}

extension JobLedger {
    /// How many seconds this machine's clock is ahead of the ledger's.
    package func clockOffset() async throws -> TimeInterval {
        let before = Date()
        let server: Date = try await query("SELECT clock_timestamp()", [])[0].get(0)
        // The answer was on its way for half the time, more or less.
        return before.timeIntervalSince(server) + Date().timeIntervalSince(before) / 2
    }
}

extension Doorbell {
    /// Whether Redis writes to disk what it holds, one way or another.
    package func isPersistent() async throws -> Bool {
        if try await redis.info("persistence")["aof_enabled"] == "1" { return true }
        let reply = try await redis.send(RedisCommand("CONFIG", "GET", "save"))
        guard let values = reply.array, values.count >= 2 else { return true }
        return values[1].string.map { !$0.isEmpty } ?? true
    }
}
