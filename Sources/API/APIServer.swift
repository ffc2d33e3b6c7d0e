import Access
import CustomEngines
import Decisions
import FoundationEssentials
import Hummingbird
import Jobs
import Logging
import NIOCore
import Observability
import Postgres
import Pricing
import Redis
import Registry
import Schema
import ServiceLifecycle
import Settings
import SystemPackage
import ThreadExecution
import UnixSignals

#if canImport(Glibc)
    import Glibc
#endif

/// The API's parts, wired, from start to a clean stop.
struct APIServer: Sendable {
    /// What running requests may take after a stop was asked for: longer than the usual wait for a decision (25 s), and
    /// shorter than the 30 s after which Kubernetes kills.
    private static let stopLimit: Duration = .seconds(27)

    private let settings: ServerSettings
    private let logger: Logger
    private let pool: PostgresPool
    /// Uploads hold a connection for seconds: jobs must not wait for one.
    private let modelPool: PostgresPool
    private let redis: RedisClient
    private let subscriber: RedisSubscriber
    private let waiter: JobWaiter
    private let responder: RouterResponder<APIContext>
    private let watch: OperationsWatch
    private let compute: ComputePool
    private let answering: ComputePool
    private let running: RunningModels
    private let predictions: PredictionLog

    /// Connects, checks the stores, and wires.
    ///
    /// - Throws: `PostgresError` when the ledger does not answer or is of another schema, `JobError` for a Redis that
    ///   could lose entries.
    init(settings: ServerSettings, logger: Logger) async throws {
        self.settings = settings
        self.logger = logger
        var database = try settings.database.configuration(process: "cloudoptim-api")
        database.parameters["options"] = JobLedger.sessionOptions
        pool = try PostgresPool(configuration: database, size: settings.database.poolSize, logger: logger)
        try await pool.waitUntilReady(timeout: .seconds(30))
        try await SchemaCheck.requireCurrent(database, logger: logger)
        let redisConfiguration = try settings.redis.configuration(process: "cloudoptim-api")
        redis = RedisClient(configuration: redisConfiguration, logger: logger)
        subscriber = RedisSubscriber(configuration: redisConfiguration, logger: logger)
        let doorbell = Doorbell(redis: redis, keys: DoorbellKeys(namespace: settings.redis.namespace))
        let ledger = JobLedger(pool: pool)
        try await BootChecks(ledger: ledger, doorbell: doorbell, logger: logger).run()

        let prices = PriceStore(pool: pool)
        modelPool = try PostgresPool(configuration: database, size: 2, logger: logger)
        waiter = JobWaiter(ledger: ledger, subscriber: subscriber, keys: doorbell.keys, logger: logger)
        // Large bodies are parsed here, off the threads that serve requests.
        compute = ComputePool(name: "parse", threads: 1)
        // Large batches of predictions, which must not hold up what is parsed.
        answering = ComputePool(name: "predict", threads: 1)
        watch = OperationsWatch(ledger: ledger, objective: .init(settings.queue))
        let regions = RegionList(prices: prices)
        let models = ModelStore(pool: pool, uploads: modelPool)
        predictions = PredictionLog(pool: modelPool, share: settings.models.logShare)
        running = RunningModels(
            store: models,
            cache: FormCache(folder: FilePath(settings.models.folder), blobs: models.blobs, compute: compute),
            compute: compute,
            process: "api-\(UUID().uuidString.prefix(8).lowercased())",
            host: HostInfo.name,
            role: .api,
            logger: logger
        )
        responder = RouterBuilder(
            keys: KeyCache(store: KeyStore(pool: pool)),
            jobs: JobGateway(
                intake: JobIntake(ledger: ledger, doorbell: doorbell, logger: logger),
                waiter: waiter,
                ledger: ledger,
                doorbell: doorbell
            ),
            archive: DecisionArchive(pool: pool, retentionDays: settings.decisionInputDays),
            history: DecisionHistory(pool: pool),
            engines: EngineStore(pool: pool),
            schedules: ScheduleStore(pool: pool),
            models: models,
            refreshes: RefreshHistory(pool: pool),
            regions: regions,
            predictor: Predictor(
                running: running,
                markets: MarketCache(prices: prices, compute: compute),
                regions: regions,
                compute: answering,
                log: predictions,
                defaultRegion: settings.pricing.region
            ),
            prices: prices,
            priceCache: PriceCache(redis: redis, namespace: settings.redis.namespace),
            health: HealthProbe(
                pool: pool,
                redis: redis,
                ledger: ledger,
                prices: prices,
                models: running
            ),
            watch: watch,
            compute: compute,
            settings: settings
        ).router().buildResponder()
    }

    /// Serves until SIGTERM or SIGINT.
    func run() async throws {
        let services: [any Service] = [
            BackgroundService { await waiter.run() },
            BackgroundService { await running.run() },
            BackgroundService { await predictions.run() },
            Listeners(
                applications: [
                    application(port: settings.http.port), application(port: settings.http.frontendPort),
                ] + (settings.http.metricsPort == 0 ? [] : [metrics(port: settings.http.metricsPort)])
            ),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Self.stopLimit
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw CannotListen(
                settings.http,
                String(cString: strerror(error.errnoCode)),
                isTaken: error.errnoCode == EADDRINUSE
            )
        } catch let error as SocketAddressError.UnknownHost {
            throw CannotListen(settings.http, error.errorDescription, isTaken: false)
        }
        await subscriber.shutdown()
        await redis.shutdown()
        await modelPool.shutdown()
        await pool.shutdown()
        await answering.shutdown()
        await compute.shutdown()
        logger.notice("api has stopped")
    }

    private func application(port: Int) -> any Service {
        Application(
            responder: responder,
            configuration: .init(address: .hostname(settings.http.host, port: port), serverName: "cloudoptim"),
            onServerRunning: { _ in logger.notice("api listens", metadata: ["port": "\(port)"]) },
            logger: logger
        )
    }
}

extension APIServer {
    private func metrics(port: Int) -> any Service {
        Application(
            router: MetricsPage(watch: watch).router(),
            configuration: .init(address: .hostname(settings.http.host, port: port), serverName: "cloudoptim"),
            logger: logger
        )
    }
}

/// Work beside the servers, for as long as they run.
private struct BackgroundService: Service {
    let work: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown(work)
    }
}

/// The servers on all ports, stopped at the same moment: one after the other, the second would have no time left.
private struct Listeners: Service {
    let applications: [any Service]

    func run() async throws {
        // The first to fail ends the other: half a service would look alive.
        try await withThrowingDiscardingTaskGroup { group in
            for application in applications {
                group.addTask { try await application.run() }
            }
        }
    }
}

/// The API has no place to listen at.
struct CannotListen: Error, CustomStringConvertible {
    let description: String

    init(_ settings: HTTPSettings, _ reason: String, isTaken: Bool) {
        let ports = [settings.port, settings.frontendPort, settings.metricsPort].filter { $0 > 0 }.map(String.init)
            .joined(separator: ", ")
        description =
            isTaken
            ? "a port of \(ports) is taken; set ML_SERVER_PORT, FRONTEND_PORT or METRICS_PORT to free ones"
            : "cannot listen on \(settings.host), ports \(ports): \(reason); set ML_SERVER_HOST to an address of this machine"
    }
}
