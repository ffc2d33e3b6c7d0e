import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Retention")
struct RetentionTests {
    private func partitions(_ queue: QueueFixture) async throws -> Int {
        try await queue.count(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'job_result'::regclass"
        )
    }

    @Test("days past retention go with their attempts, and the audit still balances")
    func drops() async throws {
        try await QueueFixture.with { queue async throws in
            let old = try await queue.ended(.dead, try await queue.oldJob(days: 31))
            _ = try await queue.pool.query(
                "INSERT INTO job_attempt (job_id, lease_epoch, attempt, outcome) VALUES ($1, 99, 1, 'retry')",
                [.uuid(old.id.uuid)]
            )
            let kept = try await queue.ended(.succeeded, try await queue.oldJob(days: 30))
            try await queue.ended()
            let before = try await partitions(queue)
            _ = try await queue.ledger.audit()

            let expired = try await Retention(ledger: queue.ledger, days: 30).sweep()
            #expect(expired.days.count == 1)
            #expect(expired.jobs == 1)
            #expect(expired.attempts == 1)
            #expect(expired.kept.isEmpty)
            #expect(try await partitions(queue) == before - 1)
            #expect(try await queue.ledger.job(old.id, tenant: nil) == nil)
            #expect(try await queue.ledger.job(kept.id, tenant: nil) != nil)
            #expect(try await queue.count("SELECT sum(dropped)::bigint FROM job_tally") == 1)
            #expect(try await queue.ledger.audit().isBalanced)
            #expect(try await queue.ledger.audit(all: true).isBalanced)
            #expect(try await Retention(ledger: queue.ledger, days: 30).sweep() == Expired())
        }
    }

    @Test("a job delayed forty days finds its partition; then the day goes")
    func fortyDays() async throws {
        try await QueueFixture.with { queue async throws in
            let retention = Retention(ledger: queue.ledger, days: 30)
            let delayed = try await queue.oldJob(days: 40)
            try await queue.ended(
                .succeeded,
                NewJob(id: .make(now: delayed.id.acceptedAt), tenant: "acme", kind: .drill, payload: "{}")
            )
            _ = try await queue.accept([delayed])

            let first = try await retention.sweep()
            #expect(first.days.isEmpty)
            #expect(first.kept.count == 1)

            let owner = UUID()
            let lease = try #require(
                try await queue.ledger.claim([delayed.id], owner: owner, kinds: JobKind.all).first?.lease
            )
            _ = try await queue.ledger.complete(
                [Completion(lease: lease, state: .succeeded, result: "1")],
                owner: owner
            )
            #expect(try await queue.ledger.job(delayed.id, tenant: nil)?.state == .succeeded)
            #expect(try await queue.count("SELECT count(*) FROM job_result_default") == 0)

            #expect(try await retention.sweep().jobs == 2)
            #expect(try await queue.ledger.audit(all: true).isBalanced)
        }
    }

    @Test("days in the default partition go the same way")
    func defaultPartition() async throws {
        try await QueueFixture.with { queue async throws in
            let stray = NewJob(
                id: .make(now: Date(timeIntervalSinceNow: -50 * 86_400)),
                tenant: "acme",
                kind: .drill,
                payload: "{}"
            )
            try await queue.ended(.succeeded, stray)
            #expect(try await queue.count("SELECT count(*) FROM job_result_default") == 1)

            #expect(try await Retention(ledger: queue.ledger, days: 30).sweep().jobs == 1)
            #expect(try await queue.count("SELECT count(*) FROM job_result_default") == 0)
            #expect(try await queue.ledger.audit(all: true).isBalanced)
        }
    }

    @Test("a day somebody reads is left for the next sweep, and nobody waits behind it")
    func locked() async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ended(.succeeded, try await queue.oldJob(days: 31))
            let retention = Retention(ledger: queue.ledger, days: 30)
            let ledger = queue.ledger
            let reader = try PostgresPool(configuration: queue.configuration, size: 2, logger: queue.logger)
            try await reader.transaction { transaction in
                _ = try await transaction.query("SELECT count(*) FROM job_result", [])
                let start = ContinuousClock.now
                let expired = try await Retention(ledger: ledger, days: 30).sweep()
                #expect(expired.days.isEmpty)
                #expect(ContinuousClock.now - start < .seconds(5))
            }
            await reader.shutdown()
            #expect(try await retention.sweep().jobs == 1)
            #expect(try await queue.count("SELECT sum(dropped)::bigint FROM job_tally") == 1)
        }
    }
}
