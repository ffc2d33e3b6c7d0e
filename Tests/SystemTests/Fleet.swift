import Contract
import Fetch
import Foundation
import Jobs
import Logging
import Postgres
import Redis
import Schema
import Support

/// A whole fleet of its own: a database, a Redis that only it uses, and real processes.
final class Fleet: Sendable {
    let environment: [String: String]
    let base: String
    let key: String
    let pool: PostgresPool
    let ledger: JobLedger
    let intake: JobIntake
    let redisServer: PrivateRedis
    let redis: RedisClient
    let api: ProgramProcess
    let scheduler: ProgramProcess
    private let fetcher: Fetcher

    /// Starts API and scheduler on a database with sample prices, and runs the test with them.
    ///
    /// No worker yet.
    ///
    /// One fleet at a time: two would share two cores, and every promise of time would be a matter of luck.
    ///
    /// - Parameters:
    ///   - settings: More environment for all processes.
    ///   - load: Arguments of `cloudoptim pricing load`; none loads nothing.
    ///   - postgres: A server of the test's own, to be stopped and frozen; else a database on the shared one.
    ///   - redisArguments: Command-line options of its Redis.
    ///   - body: The test.
    /// - Throws: What the test throws, or why there is no fleet.
    static func with(
        settings: [String: String] = [:],
        load: [String] = ["--sample"],
        postgres: PrivatePostgres? = nil,
        redisArguments: String = "",
        _ body: (Fleet) async throws -> Void
    ) async throws {
        await FleetTurn.shared.take()
        let fleet: Fleet
        do {
            fleet = try await Fleet(settings, load, postgres, redisArguments)
        } catch {
            await FleetTurn.shared.pass()
            throw error
        }
        do {
            try await body(fleet)
        } catch {
            print("--- api ---\n\(fleet.api.log.suffix(4000))\n--- scheduler ---\n\(fleet.scheduler.log.suffix(4000))")
            await fleet.close()
            throw error
        }
        await fleet.close()
    }

    private init(
        _ settings: [String: String],
        _ load: [String],
        _ postgres: PrivatePostgres?,
        _ redisArguments: String
    ) async throws {
        var database: PostgresConfiguration
        if let postgres {
            database = postgres.configuration
        } else {
            database = try await PrivateServers.freshDatabase()
        }
        redisServer = try await PrivateServers.startRedis(arguments: redisArguments)
        let ports = (try LoopbackPort.free(), try LoopbackPort.free())
        var environment = [
            "DB_HOST": database.host, "DB_PORT": "\(database.port)", "DB_NAME": database.database,
            "DB_USER": database.user, "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "\(redisServer.port)",
            "ML_SERVER_HOST": "127.0.0.1", "ML_SERVER_PORT": "\(ports.0)", "FRONTEND_PORT": "\(ports.1)",
            "METRICS_PORT": "\(try LoopbackPort.free())",
            // Nothing is fetched from outside; the sources are what each test loads.
            "SPOT_ADVISOR_URL": "http://127.0.0.1:1/none", "PRICE_LIST_URL": "http://127.0.0.1:1/none",
            "AWS_EC2_METADATA_DISABLED": "true", "LOG_FORMAT": "text",
        ]
        if let password = database.password { environment["DB_PASSWORD"] = password }
        environment.merge(settings) { _, new in new }
        self.environment = environment
        base = "http://127.0.0.1:\(ports.0)"
        _ = try await Self.control(["migrate"], environment)
        if !load.isEmpty { _ = try await Self.control(["pricing", "load"] + load, environment) }
        key = try await Self.makeKey(tenant: "acme", scopes: "submit,read", environment)
        database.parameters["options"] = JobLedger.sessionOptions
        // What the tests break on purpose is not worth a word of theirs.
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        pool = try PostgresPool(configuration: database, size: 4, logger: logger)
        redis = RedisClient(
            configuration: RedisConfiguration(host: redisServer.host, port: redisServer.port),
            logger: logger
        )
        ledger = JobLedger(pool: pool)
        intake = JobIntake(ledger: ledger, doorbell: Doorbell(redis: redis), logger: logger)
        fetcher = try Fetcher()
        // What tests count: the scheduler's own orders for prices, which nobody fulfils here, are left out.
        for (view, table) in [("live_job", "job_live"), ("ended_job", "job_result")] {
            _ = try await pool.query("CREATE VIEW \(view) AS SELECT * FROM \(table) WHERE tenant <> 'system'", [])
        }
        _ = try await pool.query(
            """
            CREATE VIEW failed_attempt AS SELECT a.* FROM job_attempt a
            WHERE NOT EXISTS (SELECT FROM job_live j WHERE j.id = a.job_id AND tenant = 'system')
              AND NOT EXISTS (SELECT FROM job_result j WHERE j.id = a.job_id AND tenant = 'system')
            """,
            []
        )
        api = try ProgramProcess("cloudoptim-api", environment: environment)
        scheduler = try ProgramProcess("cloudoptim-scheduler", environment: environment)
        try await Condition.holds(within: .seconds(20)) { (try? await self.get("/health").status) == 200 }
    }

    private func close() async {
        for process in [api, scheduler] { process.signal(SIGKILL) }
        fetcher.shutdown()
        await redis.shutdown()
        await pool.shutdown()
        try? await redisServer.stop()
        await FleetTurn.shared.pass()
    }

    /// A new key of a tenant.
    func makeKey(tenant: String, scopes: String) async throws -> String {
        try await Self.makeKey(tenant: tenant, scopes: scopes, environment)
    }

    private static func makeKey(tenant: String, scopes: String, _ environment: [String: String]) async throws -> String
    {
        try await control(["keys", "create", "--tenant", tenant, "--name", "test", "--scopes", scopes], environment)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs the operators' tool, which must succeed.
    static func control(_ arguments: [String], _ environment: [String: String]) async throws -> String {
        let (status, output) = try await ProgramProcess.run("cloudoptim", arguments, environment: environment)
        guard status == 0 else { throw FleetError("cloudoptim \(arguments.joined(separator: " ")): \(output)") }
        return output
    }

    func startWorker(_ arguments: [String] = []) throws -> ProgramProcess {
        try ProgramProcess("cloudoptim-worker", arguments, environment: environment)
    }

    // MARK: HTTP

    func get(_ path: String, key: String? = nil) async throws -> FetchResponse {
        try await send("GET", path, key: key ?? self.key)
    }

    func post(_ path: String, _ body: String, headers: [(String, String)] = []) async throws -> FetchResponse {
        try await send("POST", path, key: key, body: Array(body.utf8), headers: headers)
    }

    func send(
        _ method: String,
        _ path: String,
        key: String?,
        body: [UInt8]? = nil,
        headers: [(String, String)] = [],
        to base: String? = nil
    ) async throws -> FetchResponse {
        var request = FetchRequest(method: method, url: (base ?? self.base) + path, body: body)
        if let key { request.headers.append(("X-API-Key", key)) }
        if body != nil, !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            request.headers.append(("Content-Type", "application/json"))
        }
        request.headers += headers.map { (name: $0.0, value: $0.1) }
        request.totalTimeout = .seconds(90)
        // Who waits for a job hears nothing for a while.
        request.lowSpeed = .init(bytesPerSecond: 1, period: .seconds(90))
        return try await fetcher.send(request)
    }

    /// The API's first port.
    var port: Int {
        get throws {
            guard let port = environment["ML_SERVER_PORT"].flatMap({ Int($0) }) else { throw FleetError("no port") }
            return port
        }
    }

    // MARK: The ledger

    func count(_ sql: String) async throws -> Int {
        Int(try await pool.query(sql, [])[0].get(0, as: Int64.self))
    }

    /// Sends decisions without waiting for their answers.
    func submitDecisions(_ count: Int) async throws -> Set<String> {
        let body = #"{"cluster_state": {}, "requirements": {"cpu": 2, "memory_gb": 4, "region": "us-east-1"}}"#
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for sender in 0..<20 {
                group.addTask {
                    var ids: [String] = []
                    for _ in stride(from: sender, to: count, by: 20) {
                        let answer = try await self.post(
                            "/api/v1/ml/decision/spot-optimize",
                            body,
                            headers: [("Prefer", "respond-async")]
                        )
                        guard answer.status == 202, let id = try answer.json["job_id"]?.string else {
                            throw FleetError("accepting answered \(answer.status): \(answer.text)")
                        }
                        ids.append(id)
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0.formUnion($1) }
        }
    }
}

/// Lets one fleet run at a time.
private actor FleetTurn {
    static let shared = FleetTurn()

    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else { return isTaken = true }
        await withCheckedContinuation { waiting.append($0) }
    }

    func pass() {
        guard !waiting.isEmpty else { return isTaken = false }
        waiting.removeFirst().resume()
    }
}

struct FleetError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension FetchResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSONValue {
        get throws { try JSONParser.parse(body) }
    }
}
