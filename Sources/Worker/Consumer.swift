import FoundationEssentials
import Jobs
import Logging
import Redis
import Synchronization

/// Reads rung jobs, claims them and runs them, as many at once as the limit allows.
actor Consumer {
    /// Redis may be silent this long before jobs are claimed straight from the ledger.
    private static let redisPatience: Duration = .seconds(3)
    /// How late a busy worker may see a critical job.
    private static let criticalPause: Duration = .milliseconds(20)
    /// How often an idle worker looks for jobs whose ring was lost and that no keeper has rung again.
    private static let sweepInterval: Duration = .seconds(5)

    private let worker: WorkerDescription
    private let capabilities: Set<String>
    private let ledger: JobLedger
    private let doorbell: Doorbell
    private let reader: RingReader
    private let runner: JobRunner
    private let logger: Logger

    private var limit: InFlightLimit
    private var running = 0
    private var runningCritical = 0
    private var roomWaiter: CheckedContinuation<Void, Never>?
    private var isStopping = false
    private var isQuiet = false
    private var redisFailingSince: ContinuousClock.Instant?
    /// It has been silent for so long that no job waits for it any more.
    private var isRedisAway = false
    private var isProbing = false
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
        self.capabilities = Set(worker.kinds.flatMap(\.capabilities))
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
                if isRedisAway {
                    try await workWithoutRedis()
                    continue
                }
                let (room, lanes) = openPlaces
                // With only the critical lane's place open, the next ordinary job waits for an end, not for a message.
                let isReserved = lanes.count < worker.lanes.count
                let rung = try await reader.read(limit: room, lanes: lanes, isWaiting: !isReserved)
                redisAnswered()
                if isStopping { return await giveBack(rung) }
                if !rung.isEmpty {
                    await claim(rung)
                } else if isReserved {
                    await waitForAnEnd()
                } else {
                    try await sweepIfDue()
                }
            } catch let error as RedisError {
                await redisFailed(error)
            } catch {
                logger.warning("the ledger does not answer; trying again", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(Int.random(in: 200...600)))
            }
        }
    }

    /// Takes nothing new for a while, or goes on.
    func quiet(_ isQuiet: Bool) {
        guard self.isQuiet != isQuiet else { return }
        self.isQuiet = isQuiet
        logger.notice(isQuiet ? "taking no new jobs, as ordered" : "taking jobs again")
        wakeUp()
    }

    private func wakeUp() {
        roomWaiter?.resume()
        roomWaiter = nil
    }

    /// How many more jobs of which lanes.
    ///
    /// The last place is the critical lane's: however long the others' jobs run, a critical one starts at once.
    private var openPlaces: (room: Int, lanes: [Lane]) {
        let room = limit.limit - running
        guard worker.lanes.contains(.critical), worker.lanes.count > 1, limit.limit > 1 else {
            return (room, worker.lanes)
        }
        let ordinary = room - 1 + min(1, runningCritical)
        return ordinary > 0 ? (ordinary, worker.lanes) : (room, [.critical])
    }

    /// No further jobs are taken; those running go on.
    func stop() {
        isStopping = true
        wakeUp()
    }

    // MARK: Claiming

    /// Claims what was rung.
    ///
    /// The entries are acknowledged once the leases are in the ledger, which then owns the truth.
    private func claim(_ rung: [RungJob]) async {
        let (known, unknown) = partition(rung)
        var pause = 50
        while true {
            do {
                if !unknown.isEmpty { try await ledger.putOff(unknown) }
                start(try await ledger.claim(known, owner: worker.id, kinds: worker.kinds))
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

    /// What this worker can run, and what it cannot: kinds and payload versions of another build.
    private func partition(_ rung: [RungJob]) -> (known: [JobID], unknown: [JobID]) {
        var known: [JobID] = []
        var unknown: [JobID] = []
        for entry in rung {
            if capabilities.contains(entry.capability) { known.append(entry.id) } else { unknown.append(entry.id) }
        }
        return (known, unknown)
    }

    /// Rings again what was read while the worker stopped: nobody should wait for a dead reader's entries.
    private func giveBack(_ rung: [RungJob]) async {
        guard !rung.isEmpty else { return }
        _ = try? await doorbell.ring(rung.map { Ring(id: $0.id, lane: $0.lane, capability: $0.capability) })
        try? await doorbell.acknowledge(rung)
    }

    private func sweepIfDue() async throws {
        guard ContinuousClock.now - lastSweep >= Self.sweepInterval else { return }
        lastSweep = .now
        try await claimDirectly(unrung: true)
    }

    private func claimDirectly(unrung: Bool) async throws {
        let (open, lanes) = openPlaces
        let room = min(open, 50)
        guard room > 0 else { return }
        start(
            try await ledger.claimDirectly(
                limit: room,
                lanes: lanes,
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
        if let since = redisFailingSince, now - since >= Self.redisPatience { isRedisAway = true }
        try? await Task.sleep(for: .milliseconds(Int.random(in: 100...300)))
    }

    /// Claims from the ledger, while somebody else looks whether Redis is back: one that takes connections and never
    /// answers would cost every claim its timeout.
    private func workWithoutRedis() async throws {
        if !isProbing {
            isProbing = true
            Task {
                let answers = (try? await doorbell.ring([])) != nil
                if !answers { try? await Task.sleep(for: .milliseconds(500)) }
                probed(answers)
            }
        }
        let before = running
        try await claimDirectly(unrung: false)
        if running == before { try? await Task.sleep(for: .milliseconds(Int.random(in: 100...300))) }
    }

    private func probed(_ answers: Bool) {
        isProbing = false
        if answers { isRedisAway = false }
    }

    // MARK: Running

    private func start(_ jobs: [ClaimedJob]) {
        running += jobs.count
        for job in jobs {
            let isCritical = job.lane == .critical
            if isCritical { runningCritical += 1 }
            runner.start(job) { [weak self] seconds in await self?.ended(runSeconds: seconds, isCritical) }
        }
    }

    private func ended(runSeconds: Double, _ isCritical: Bool) {
        running -= 1
        if isCritical { runningCritical -= 1 }
        limit.record(runSeconds: runSeconds)
        // Also wakes who waits with one place open.
        if running < limit.limit { wakeUp() }
    }

    /// Waits until a job ends, or until it is time to look at the critical lane again.
    private func waitForAnEnd() async {
        // One may have ended during the last look.
        guard openPlaces.lanes.count < worker.lanes.count, !isStopping else { return }
        let timer = Task {
            try await Task.sleep(for: Self.criticalPause)
            wakeUp()
        }
        await withCheckedContinuation { roomWaiter = $0 }
        timer.cancel()
    }

    private func waitForRoom() async {
        while running >= limit.limit || isQuiet, !isStopping {
            await withCheckedContinuation { roomWaiter = $0 }
        }
    }
}
