package import Logging
package import Redis

/// Lets callers wait for the end of their jobs: announcements wake them, the ledger is the safety net.
package actor JobWaiter {
    /// How often the ledger is asked about all awaited jobs while announcements arrive.
    private static let safetyInterval: Duration = .seconds(1)
    /// And while Redis is away.
    private static let blindInterval: Duration = .milliseconds(200)

    private struct Expectation {
        var record: JobRecord?
        var waiters: [Int: CheckedContinuation<JobRecord?, Never>] = [:]
    }

    private let ledger: JobLedger
    private let subscriber: RedisSubscriber
    private let channel: String
    private let logger: Logger
    private var expectations: [JobID: Expectation] = [:]
    private var lastToken = 0
    private var due: Set<JobID> = []
    private var isLooking = false
    private var isBlind = true

    package init(ledger: JobLedger, subscriber: RedisSubscriber, keys: DoorbellKeys, logger: Logger) {
        self.ledger = ledger
        self.subscriber = subscriber
        self.channel = keys.done
        self.logger = logger
    }

    /// Listens until its task is cancelled.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.listen() }
            group.addTask { await self.sweep() }
        }
    }

    /// Announces interest in a job before it is accepted, so that its end cannot be missed.
    ///
    /// Every call is paired with one ``wait(for:atMost:)`` or ``forget(_:)``.
    package func expect(_ id: JobID) {
        if expectations[id] == nil { expectations[id] = Expectation() }
    }

    /// Gives up an expectation that will not be waited for.
    package func forget(_ id: JobID) {
        guard expectations[id]?.waiters.isEmpty ?? false else { return }
        expectations[id] = nil
    }

    /// The ended job, or nil when it has not ended after `limit`, or the caller is cancelled.
    package func wait(for id: JobID, atMost limit: Duration) async -> JobRecord? {
        if let record = expectations[id]?.record {
            expectations[id] = nil
            return record
        }
        if expectations[id] == nil {
            expectations[id] = Expectation()
            look(at: [id])  // it may have ended before anybody asked
        }
        lastToken += 1
        let token = lastToken
        let alarm = Task {
            try await Task.sleep(for: limit)
            self.giveUp(id, token)
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    forget(id)
                    return continuation.resume(returning: nil)
                }
                expectations[id, default: Expectation()].waiters[token] = continuation
            }
        } onCancel: {
            Task { await self.giveUp(id, token) }
        }
    }

    private func giveUp(_ id: JobID, _ token: Int) {
        guard let continuation = expectations[id]?.waiters.removeValue(forKey: token) else { return }
        if expectations[id]?.waiters.isEmpty ?? false { expectations[id] = nil }
        continuation.resume(returning: nil)
    }

    private func listen() async {
        for await event in subscriber.messages(channels: [channel]) {
            switch event {
            case .message(_, let payload): look(at: Doorbell.endedJobs(inAnnouncement: payload))
            case .connected:
                isBlind = false
                look(at: Array(expectations.keys))
            case .gap: look(at: Array(expectations.keys))
            case .disconnected: isBlind = true
            }
        }
    }

    private func sweep() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: isBlind ? Self.blindInterval : Self.safetyInterval)
            look(at: Array(expectations.keys))
        }
    }

    /// Reads those of the jobs that somebody waits for; what comes in meanwhile is read together afterwards.
    private func look(at ids: [JobID]) {
        due.formUnion(ids.filter { expectations[$0] != nil })
        guard !isLooking, !due.isEmpty else { return }
        isLooking = true
        Task {
            while !due.isEmpty {
                let batch = Array(due)
                due = []
                await read(batch)
            }
            isLooking = false
        }
    }

    private func read(_ ids: [JobID]) async {
        do {
            for record in try await ledger.ended(among: ids) { deliver(record) }
        } catch {
            logger.warning("the ledger did not tell which jobs have ended", metadata: ["error": "\(error)"])
        }
    }

    private func deliver(_ record: JobRecord) {
        guard var expectation = expectations[record.id] else { return }
        guard !expectation.waiters.isEmpty else {
            expectation.record = record
            expectations[record.id] = expectation
            return
        }
        expectations[record.id] = nil
        for continuation in expectation.waiters.values { continuation.resume(returning: record) }
    }
}
