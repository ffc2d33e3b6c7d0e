import FoundationEssentials
import Jobs
import Logging
import Postgres
import Redis
import Schema
import Support

@testable import Worker

/// A runner on a ledger of its own, with one handler for drills.
struct RunnerFixture {
    let owner = UUID()
    let pool: PostgresPool
    let ledger: JobLedger
    let table = LeaseTable()
    let runner: JobRunner

    static func with(
        handler: (@Sendable (ClaimedJob, JobContext) async throws -> JobOutcome)?,
        _ body: (RunnerFixture) async throws -> Void
    ) async throws {
        let configuration = try await PrivateServers.freshDatabase()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        _ = try await SchemaCheck.migrate(configuration, logger: logger)
        let pool = try PostgresPool(configuration: configuration, size: 3, logger: logger)
        let redis = RedisClient(configuration: try await PrivateServers.redisConfiguration())
        let doorbell = Doorbell(
            redis: redis,
            keys: DoorbellKeys(namespace: "t-\(UUID().uuidString.prefix(8).lowercased())")
        )
        let fixture = RunnerFixture(
            pool: pool,
            doorbell: doorbell,
            handler: handler.map(FakeHandler.init),
            logger: logger
        )
        do {
            try await body(fixture)
        } catch {
            await redis.shutdown()
            await pool.shutdown()
            throw error
        }
        await redis.shutdown()
        await pool.shutdown()
    }

    private init(pool: PostgresPool, doorbell: Doorbell, handler: FakeHandler?, logger: Logger) {
        self.pool = pool
        ledger = JobLedger(pool: pool)
        runner = JobRunner(
            owner: owner,
            handlers: handler.map { [$0] } ?? [],
            ledger: ledger,
            writer: CompletionWriter(ledger: ledger, doorbell: doorbell, owner: owner, logger: logger),
            table: table,
            logger: logger
        )
    }

    func accept(_ payload: String = #"{"keep":"me"}"#) async throws -> JobID {
        let job = NewJob(tenant: "acme", kind: .drill, payload: payload)
        _ = try await ledger.accept([JobLedger.Entry(job: job, ring: false)])
        return job.id
    }

    /// Makes a waiting job due, as the reaper does when its time has come, and claims it.
    func claim(_ id: JobID) async throws -> ClaimedJob {
        _ = try await pool.query(
            "UPDATE job_live SET state = 'queued', run_at = now() WHERE id = $1 AND state IN ('retrying', 'scheduled')",
            [.uuid(id.uuid)]
        )
        guard let job = try await ledger.claim([id], owner: owner, kinds: JobKind.all).first else {
            throw SupportError("the job could not be claimed")
        }
        return job
    }

    /// Runs one attempt to its end.
    func run(_ id: JobID) async throws {
        let job = try await claim(id)
        await withCheckedContinuation { continuation in
            runner.start(job) { _ in continuation.resume() }
        }
    }

    func record(_ id: JobID) async throws -> JobRecord {
        guard let record = try await ledger.job(id, tenant: "acme") else { throw SupportError("the job is gone") }
        return record
    }

    func text(_ sql: String, _ id: JobID) async throws -> String? {
        try await pool.query(sql, [.uuid(id.uuid)])[0].get(0, as: String?.self)
    }
}

private struct FakeHandler: JobHandler {
    let kind = JobKind.drill
    let body: @Sendable (ClaimedJob, JobContext) async throws -> JobOutcome

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome { try await body(job, context) }
}
