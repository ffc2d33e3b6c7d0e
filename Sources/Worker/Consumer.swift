import FoundationEssentials
import Jobs
import Logging
import Redis
import Synchronization

/// Reads rung jobs, claims them and runs them, as many at once as the limit allows.
actor Consumer {
    /// Redis may be silent this long before jobs are claimed straight from the ledger.
    private static let redisPatience: Duration = .seconds(3)
    /// How often an idle worker looks for jobs whose ring was lost and that no keeper has rung again.
    private static let sweepInterval: Duration = .seconds(5)

    private let worker: WorkerDescription
    private let ledger: JobLedger
    private let doorbell: Doorbell
    private let reader: RingReader
    private let runner: JobRunner
    private let logger: Logger

    private var limit: InFlightLimit
    private var running = 0
    private var roomWaiter: CheckedContinuation<Void, Never>?
    private var isStopping = false
    private var redisFailingSince: ContinuousClock.Instant?
    private var lastSweep = ContinuousClock.now

    init(
        worker: WorkerDescription,
        ledger: JobLedger,
        doorbell: Doorbell,
        reader: RingReader,
        runner: JobRunner,
        logger: Logger
    ) {
        self.worker = worker
        self.ledger = ledger
        self.doorbell = doorbell
        self.reader = reader
        self.runner = runner
        self.logger = logger
        self.limit = InFlightLimit(slots: worker.slots)
    }

    /// Consumes until ``stop()``.
    func run() async {
        while !isStopping {
            await waitForRoom()
            if isStopping { return }
            do {
                let rung = try await reader.read(limit: limit.limit - running)
                redisAnswered()
                if isStopping { return await giveBack(rung) }
                if rung.isEmpty { try await sweepIfDue() } else { await claim(rung) }
            } catch let error as RedisError {
                await redisFailed(error)
            } catch {
                logger.warning("the ledger does not answer; trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(Int.random(in: 200...600)))
            }
        }
    }

    /// No further jobs are taken; those running go on.
    func stop() {
        isStopping = true
        roomWaiter?.resume()
        roomWaiter = nil
    }

    // MARK: Claiming

    /// Claims what was rung.
    ///
    /// The entries are acknowledged once the leases are in the ledger, which then owns the truth.
    private func claim(_ rung: [RungJob]) async {
        let ids = rung.filter { entry in worker.kinds.contains { $0.name == entry.kindName } }.map(\.id)
        var pause = 50
        while true {
            do {
                start(try await ledger.claim(ids, owner: worker.id, kinds: worker.kinds))
                break
            } catch {
                logger.warning("claiming failed; trying again", metadata: ["error": "\(error)"])
                if isStopping { return }
                try? await Task.sleep(for: .milliseconds(pause))
                pause = min(pause * 2, 2000)
            }
        }
        Task { [doorbell] in try? await doorbell.acknowledge(rung) }
    }

    /// Rings again what was read while the worker stopped: nobody should wait for a dead reader's entries.
    private func giveBack(_ rung: [RungJob]) async {
        guard !rung.isEmpty else { return }
        _ = try? await doorbell.ring(rung.map { Ring(id: $0.id, lane: $0.lane, kindName: $0.kindName) })
        try? await doorbell.acknowledge(rung)
    }

    private func sweepIfDue() async throws {
        guard ContinuousClock.now - lastSweep >= Self.sweepInterval else { return }
        lastSweep = .now
        try await claimDirectly(unrung: true)
    }

    private func claimDirectly(unrung: Bool) async throws {
        let room = min(limit.limit - running, 50)
        guard room > 0 else { return }
        start(
            try await ledger.claimDirectly(
                limit: room,
                lanes: worker.lanes,
                owner: worker.id,
                kinds: worker.kinds,
                unrung: unrung
            )
        )
    }

    // MARK: Redis away

    private func redisAnswered() {
        if redisFailingSince != nil { logger.notice("redis answers again") }
        redisFailingSince = nil
    }

    private func redisFailed(_ error: RedisError) async {
        let now = ContinuousClock.now
        if redisFailingSince == nil {
            redisFailingSince = now
            logger.warning("redis does not answer", metadata: ["error": "\(error)"])
        }
        if let since = redisFailingSince, now - since >= Self.redisPatience {
            do {
                let before = running
                try await claimDirectly(unrung: false)
                if running > before { return }
            } catch {
                logger.warning("claiming from the ledger failed", metadata: ["error": "\(error)"])
            }
        }
        try? await Task.sleep(for: .milliseconds(Int.random(in: 100...300)))
    }

    // MARK: Running

    private func start(_ jobs: [ClaimedJob]) {
        running += jobs.count
        for job in jobs {
            runner.start(job) { [weak self] seconds in await self?.ended(runSeconds: seconds) }
        }
    }

    private func ended(runSeconds: Double) {
        running -= 1
        limit.record(runSeconds: runSeconds)
        if running < limit.limit {
            roomWaiter?.resume()
            roomWaiter = nil
        }
    }

    private func waitForRoom() async {
        while running >= limit.limit, !isStopping {
            await withCheckedContinuation { roomWaiter = $0 }
        }
    }
}
