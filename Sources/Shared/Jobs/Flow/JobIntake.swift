import FoundationEssentials
package import Logging
import Postgres
import Synchronization

/// The way in: jobs are accepted by group commit, then rung.
package final class JobIntake: Sendable {
    /// More rows per transaction gain little and make the first wait longer.
    static let batchRows = 200
    /// Payloads of one transaction: large ones travel nearly alone.
    static let batchBytes = 8 << 20
    /// Beyond this, waiting any longer would outlast the callers' patience.
    static let maxWaiting = 20_000

    private let commit: GroupCommit<NewJob, Result<Acceptance, JobError>>
    private let doors: IntakeDoors

    package init(ledger: JobLedger, doorbell: Doorbell, logger: Logger) {
        doors = IntakeDoors(ledger: ledger)
        let ringer = Ringer(doorbell: doorbell, logger: logger)
        self.commit = GroupCommit(
            maxItems: Self.batchRows,
            maxWeight: Self.batchBytes,
            maxWaiting: Self.maxWaiting,
            weigh: { $0.payload.utf8.count },
            conflicts: { job in job.idempotency.map { "\(job.tenant)\u{0}\($0.key)" } }
        ) { jobs in
            let entries = jobs.map { JobLedger.Entry(job: $0, ring: ringer.mayRing($0.lane)) }
            let outcomes = try await Self.accept(entries, into: ledger)
            var rings: [Ring] = []
            for (entry, outcome) in zip(entries, outcomes) where entry.ring && entry.job.runAt == nil {
                guard case .success(.accepted(let id)) = outcome else { continue }
                rings.append(Ring(id: id, lane: entry.job.lane, capability: entry.job.capability))
            }
            ringer.ring(rings)
            return outcomes
        }
    }

    /// Returns after COMMIT.
    ///
    /// - Throws: ``JobError``: `.overloaded`, `.draining` (nothing accepted), `.keyConflict`, `.unavailable`.
    package func accept(_ job: NewJob) async throws -> JobReceipt {
        if let refusal = await doors.refusal(of: job) { throw refusal }
        return try Self.receipt(try await commit.submit(job).get())
    }

    /// Returns after all of them are committed or refused, each for itself, in order.
    ///
    /// - Throws: ``JobError`` `.overloaded` when there is no room for all of them.
    package func accept(batch jobs: [NewJob]) async throws -> [Result<JobReceipt, any Error>] {
        var results: [Result<JobReceipt, any Error>?] = []
        for job in jobs { results.append(await doors.refusal(of: job).map { .failure($0) }) }
        let open = jobs.indices.filter { results[$0] == nil }
        let outcomes = try await commit.submit(contentsOf: open.map { jobs[$0] })
        for (index, outcome) in zip(open, outcomes) {
            results[index] = outcome.flatMap { $0.mapError { $0 } }
                .flatMap { acceptance in Result { try Self.receipt(acceptance) } }
        }
        return results.compactMap(\.self)
    }

    private static func receipt(_ acceptance: Acceptance) throws -> JobReceipt {
        switch acceptance {
        case .accepted(let id): JobReceipt(id: id, isDuplicate: false)
        case .duplicate(let id): JobReceipt(id: id, isDuplicate: true)
        case .keyConflict(let id):
            throw JobError(.keyConflict, "this Idempotency-Key was used for another request, which made the job \(id)")
        }
    }

    /// Accepts the batch; after a lost connection again, by ids; after a refused statement one by one, so that a bad
    /// row fails alone.
    private static func accept(
        _ entries: [JobLedger.Entry],
        into ledger: JobLedger
    ) async throws -> [Result<Acceptance, JobError>] {
        do {
            return try await ledger.accept(entries).map { .success($0) }
        } catch let error as PostgresError where error.code == .connectionLost || error.code == .timeout {
            do {
                return try await ledger.accept(entries).map { .success($0) }
            } catch {
                throw JobError(
                    .unavailable,
                    "the ledger went away during the request; send it again with the same Idempotency-Key",
                    cause: error
                )
            }
        } catch let error as PostgresError where error.code == .server && entries.count > 1 {
            var outcomes: [Result<Acceptance, JobError>] = []
            for entry in entries {
                do {
                    outcomes.append(.success(try await ledger.accept([entry])[0]))
                } catch {
                    outcomes.append(.failure(JobError(.unavailable, "the ledger refused the job", cause: error)))
                }
            }
            return outcomes
        } catch let error as JobError {
            throw error
        } catch {
            throw JobError(.unavailable, "the ledger cannot be reached; nothing was accepted", cause: error)
        }
    }
}

/// Rings accepted jobs without keeping anybody waiting, and knows from the replies how full the lanes are.
private final class Ringer: Sendable {
    private struct State {
        var gauges: [Lane: Doorbell.Gauge] = [:]
        var isAway = false
        var lastProbe: ContinuousClock.Instant?
    }

    private let doorbell: Doorbell
    private let logger: Logger
    private let state = Mutex(State())

    init(doorbell: Doorbell, logger: Logger) {
        self.doorbell = doorbell
        self.logger = logger
    }

    /// Whether a new job of this lane is rung at once: Redis answers, the window has room, and nobody waits longer.
    func mayRing(_ lane: Lane) -> Bool {
        let (isAway, gauge) = state.withLock { ($0.isAway, $0.gauges[lane] ?? Doorbell.Gauge()) }
        if isAway { probe() }
        return !isAway && !gauge.hasBacklog && (gauge.window == 0 || gauge.length < gauge.window)
    }

    func ring(_ rings: [Ring]) {
        guard !rings.isEmpty else { return refreshIfFull() }
        Task { await send(rings) }
    }

    private func send(_ rings: [Ring]) async {
        do {
            let gauges = try await doorbell.ring(rings)
            state.withLock {
                $0.gauges = gauges
                $0.isAway = false
            }
        } catch {
            let isNew = state.withLock { state in
                defer { state.isAway = true }
                return !state.isAway
            }
            if isNew {
                logger.warning("redis does not answer; jobs are accepted unrung", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Asks for the gauges once a second at most while nothing is rung, so that a full or absent Redis is noticed back.
    private func probe() {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.lastProbe, now - last < .seconds(1) { return false }
            state.lastProbe = now
            return true
        }
        if isDue { Task { await send([]) } }
    }

    private func refreshIfFull() {
        let isFull = state.withLock { $0.gauges.values.contains { $0.hasBacklog || $0.length >= $0.window } }
        if isFull { probe() }
    }
}
