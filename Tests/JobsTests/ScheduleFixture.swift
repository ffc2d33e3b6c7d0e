import Calendar
import FoundationEssentials
import Jobs
import Logging
import Postgres
import Schema
import Support

/// A migrated ledger whose `now()` is what the test says, for sessions made here: years pass in seconds, and a clock can
/// jump as that of a real server can.
struct ScheduleFixture {
    let configuration: PostgresConfiguration
    let pool: PostgresPool
    let store: ScheduleStore

    static func with(
        startingAt start: CivilTime = CivilTime(2026, 3, 28, 12),
        zones: ZoneDirectory = ZoneDirectory(),
        _ body: (ScheduleFixture) async throws -> Void
    ) async throws {
        var configuration = try await PrivateServers.freshDatabase()
        _ = try await SchemaCheck.migrate(configuration, logger: Logger(label: "test"))
        let setup = try PostgresPool(configuration: configuration, size: 2, logger: Self.logger)
        for statement in [
            "CREATE SCHEMA simulated",
            "CREATE TABLE simulated.clock (at timestamptz NOT NULL)",
            "INSERT INTO simulated.clock VALUES (to_timestamp(\(start.seconds)))",
            """
            CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE
            AS 'SELECT at FROM simulated.clock'
            """,
        ] {
            try await setup.query(statement)
        }
        await setup.shutdown()
        // Listed before pg_catalog, so that the unqualified now() of every statement is ours.
        configuration.parameters["options"] =
            JobLedger.sessionOptions + " -c search_path=simulated,pg_catalog,public"
        let pool = try PostgresPool(configuration: configuration, size: 3, logger: Self.logger)
        let fixture = ScheduleFixture(
            configuration: configuration,
            pool: pool,
            store: ScheduleStore(pool: pool, zones: zones)
        )
        do {
            try await body(fixture)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Creates a schedule that runs the drill each minute, or as `change` says.
    func create(
        _ expression: String = "* * * * *",
        name: String = "test",
        timeZone: String = "UTC",
        _ change: (inout NewSchedule) -> Void = { _ in }
    ) async throws -> UUID {
        var new = try NewSchedule(
            tenant: "acme",
            name: name,
            expression: expression,
            timeZone: timeZone,
            kind: .drill,
            payload: #"{"from":"\#(name)"}"#
        )
        change(&new)
        try await store.create(new)
        return new.id
    }

    /// Moves the server's clock; negative moves it back.
    func advance(minutes: Int) async throws {
        try await pool.query("UPDATE clock SET at = at + make_interval(mins => $1::int4)", [.int(Int64(minutes))])
    }

    /// Fires until nothing is due, as a scheduler does.
    func fireAll(_ store: ScheduleStore? = nil) async throws {
        let store = store ?? self.store
        while try await store.fire(try await store.due(limit: 100)).hasFired {}
    }

    /// The times at which the schedule made jobs, as `HH:MM origin`, in order.
    func fires(of id: UUID) async throws -> [String] {
        try await store.fires(of: id, limit: 1000).reversed().map { fire in
            let time = "\(Moment(fire.time))".dropFirst(11).prefix(5)
            return "\(time) \(fire.origin.rawValue)\(fire.job == nil ? " dropped" : "")"
        }
    }

    /// Ends all jobs that wait, in this state.
    func endJobs(_ state: JobState) async throws {
        let ledger = JobLedger(pool: pool)
        let ids = try await pool.query("SELECT id FROM job_live").map { JobID(try $0.get(0, as: UUID.self)) }
        let owner = UUID()
        let claimed = try await ledger.claim(ids, owner: owner, kinds: JobKind.all)
        let failure = state == .succeeded ? nil : JobFailure(code: "test", message: "as the test wants it")
        _ = try await ledger.complete(
            claimed.map { Completion(lease: $0.lease, state: state, result: "{}", failure: failure) },
            owner: owner
        )
    }

    func count(_ sql: String) async throws -> Int {
        Int(try await pool.query(sql)[0].get(0, as: Int64.self))
    }
}
