import CustomEngines
import Decisions
import Jobs
import Logging
import Postgres
import Pricing
import Redis
import Schema
import Settings

/// The scheduler's loops, wired to their stores.
struct SchedulerAssembly {
    let loops: [PeriodicLoop]
    private let pool: PostgresPool
    private let upkeepPool: PostgresPool
    private let redis: RedisClient

    /// Connects, checks the stores, and wires.
    ///
    /// - Throws: `PostgresError` when the ledger does not answer or is of another schema, `JobError` for a Redis that
    ///   could lose entries.
    init(settings: ServerSettings, logger: Logger) async throws {
        var database = try settings.database.configuration(process: "cloudoptim-scheduler")
        database.parameters["options"] = JobLedger.sessionOptions
        pool = try PostgresPool(configuration: database, size: 2, logger: logger)
        try await pool.waitUntilReady(timeout: .seconds(30))
        try await SchemaCheck.requireCurrent(database, logger: logger)
        redis = RedisClient(
            configuration: try settings.redis.configuration(process: "cloudoptim-scheduler"),
            logger: logger
        )
        let doorbell = Doorbell(redis: redis, keys: DoorbellKeys(namespace: settings.redis.namespace))
        let ledger = JobLedger(pool: pool)
        try await BootChecks(ledger: ledger, doorbell: doorbell, logger: logger).run()

        let keeper = KeeperLoop(keeper: DoorbellKeeper(ledger: ledger, doorbell: doorbell, logger: logger))
        let reaper = ReaperLoop(reaper: LeaseReaper(ledger: ledger, logger: logger))
        let due = LedgerLoop(ledger: ledger, doorbell: doorbell)
        let prices = PriceWatch(
            intake: JobIntake(ledger: ledger, doorbell: doorbell, logger: logger),
            prices: PriceStore(pool: pool),
            settings: settings.pricing,
            hasCredentials: settings.aws.namesCredentials,
            logger: logger
        )
        let schedules = ScheduleLoop(store: ScheduleStore(pool: pool), logger: logger)
        upkeepPool = try PostgresPool(configuration: database, size: 2, logger: logger)
        let upkeep = UpkeepLoop(
            ledger: JobLedger(pool: upkeepPool),
            archive: DecisionArchive(pool: upkeepPool, retentionDays: settings.decisionInputDays),
            engines: EngineStore(pool: upkeepPool),
            prices: PriceStore(pool: upkeepPool),
            priceRetentionDays: settings.pricing.retentionDays,
            retentionDays: settings.queue.retentionDays,
            logger: logger
        )
        let floors = FloorLoop(ledger: JobLedger(pool: upkeepPool))
        loops = [
            PeriodicLoop(name: "doorbell keeper", logger: logger) { try await keeper.step() },
            PeriodicLoop(name: "due jobs", logger: logger) { try await due.step() },
            PeriodicLoop(name: "lease reaper", logger: logger) { try await reaper.step() },
            PeriodicLoop(name: "floors", logger: logger) { try await floors.step() },
            PeriodicLoop(name: "schedules", logger: logger) { try await schedules.step() },
            PeriodicLoop(name: "upkeep", logger: logger) { try await upkeep.step() },
            PeriodicLoop(name: "price watch", logger: logger) { try await prices.step() },
        ]
    }

    func shutdown() async {
        await redis.shutdown()
        await upkeepPool.shutdown()
        await pool.shutdown()
    }
}
