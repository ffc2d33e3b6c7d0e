import FoundationEssentials
import Jobs
import Logging
import Postgres
import Redis
import Schema
import Support

/// A migrated ledger of its own and a namespace of its own in Redis: a fresh world per test.
struct QueueFixture {
    let configuration: PostgresConfiguration
    let pool: PostgresPool
    let ledger: JobLedger
    let redis: RedisClient
    let doorbell: Doorbell
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    static func with(_ body: (QueueFixture) async throws -> Void) async throws {
        let configuration = try await PrivateServers.freshDatabase()
        _ = try await SchemaCheck.migrate(configuration, logger: Logger(label: "test"))
        let fixture = try QueueFixture(
            configuration: configuration,
            redis: try await PrivateServers.redisConfiguration()
        )
        do {
            try await body(fixture)
        } catch {
            await fixture.close()
            throw error
        }
        await fixture.close()
    }

    private init(configuration: PostgresConfiguration, redis: RedisConfiguration) throws {
        self.configuration = configuration
        pool = try PostgresPool(configuration: configuration, size: 3, logger: logger)
        ledger = JobLedger(pool: pool)
        self.redis = RedisClient(configuration: redis)
        doorbell = Doorbell(
            redis: self.redis,
            keys: DoorbellKeys(namespace: "t-\(UUID().uuidString.prefix(8).lowercased())")
        )
    }

    private func close() async {
        await redis.shutdown()
        await pool.shutdown()
    }

    func newJob(tenant: String = "acme", kind: JobKind = .drill, payload: String = "{}") -> NewJob {
        NewJob(tenant: tenant, kind: kind, payload: payload)
    }

    /// Accepts jobs without ringing them.
    func accept(_ jobs: [NewJob]) async throws -> [Acceptance] {
        try await ledger.accept(jobs.map { JobLedger.Entry(job: $0, ring: false) })
    }

    /// Accepts one job and claims it for `owner`.
    func claimed(by owner: UUID, _ job: NewJob? = nil) async throws -> ClaimedJob {
        let job = job ?? newJob()
        _ = try await accept([job])
        guard let claimed = try await ledger.claim([job.id], owner: owner, kinds: JobKind.all).first else {
            throw JobError(.unavailable, "the fixture could not claim its job")
        }
        return claimed
    }

    /// Makes a running job's lease look expired, as after its worker's death.
    func expireLease(of id: JobID) async throws {
        _ = try await pool.query(
            "UPDATE job_live SET lease_until = now() - interval '1 second' WHERE id = $1",
            [.uuid(id.uuid)]
        )
    }

    func count(_ sql: String) async throws -> Int {
        Int(try await pool.query(sql, [])[0].get(0, as: Int64.self))
    }
}
