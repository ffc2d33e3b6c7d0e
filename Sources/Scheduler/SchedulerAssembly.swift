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
        let prices = FirstPrices(
            intake: JobIntake(ledger: ledger, doorbell: doorbell, logger: logger),
            prices: PriceStore(pool: pool),
            region: settings.pricing.region,
            hasCredentials: settings.aws.namesCredentials,
            logger: logger
        )
        let store = ScheduleStore(pool: pool)
        try await Self.ensureBuiltins(settings, store, logger)
        let schedules = ScheduleLoop(store: store, logger: logger)
        upkeepPool = try PostgresPool(configuration: database, size: 2, logger: logger)
        let upkeep = UpkeepLoop(ledger: JobLedger(pool: upkeepPool), logger: logger)
        let floors = FloorLoop(ledger: JobLedger(pool: upkeepPool))
        loops = [
            PeriodicLoop(name: "doorbell keeper", logger: logger) { try await keeper.step() },
            PeriodicLoop(name: "due jobs", logger: logger) { try await due.step() },
            PeriodicLoop(name: "lease reaper", logger: logger) { try await reaper.step() },
            PeriodicLoop(name: "floors", logger: logger) { try await floors.step() },
            PeriodicLoop(name: "schedules", logger: logger) { try await schedules.step() },
            PeriodicLoop(name: "upkeep", logger: logger) { try await upkeep.step() },
            PeriodicLoop(name: "first prices", logger: logger) { try await prices.step() },
        ]
    }

    private static func ensureBuiltins(
        _ settings: ServerSettings,
        _ store: ScheduleStore,
        _ logger: Logger
    ) async throws {
        var wanted = [
            try BuiltinSchedules.spotAdvisor(), try BuiltinSchedules.onDemand(region: settings.pricing.region),
            try BuiltinSchedules.autoRefresh(
                expression: settings.models.refreshSchedule,
                lookbackDays: settings.models.refreshDays,
                isEnabled: settings.models.refreshes
            ),
            try BuiltinSchedules.retention(), try BuiltinSchedules.partitions(),
        ]
        // Without credentials EC2 cannot be asked, and a schedule would only fail.
        if settings.aws.namesCredentials {
            wanted.append(try BuiltinSchedules.instanceTypes(region: settings.pricing.region))
            let filler = settings.pricing.gapFiller
            if filler.isEnabled {
                wanted.append(
                    try BuiltinSchedules.gapFill(regions: filler.regions, lookbackDays: filler.lookbackDays)
                )
            }
        }
        let created = try await BuiltinSchedules.ensure(wanted, in: store)
        if !created.isEmpty {
            logger.notice("created schedules", metadata: ["names": "\(created.joined(separator: ", "))"])
        }
    }

    func shutdown() async {
        await redis.shutdown()
        await upkeepPool.shutdown()
        await pool.shutdown()
    }
}
