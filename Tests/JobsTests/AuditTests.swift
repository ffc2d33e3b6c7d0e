import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("The audit")
struct AuditTests {
    @Test("what was accepted is what waits, runs and has ended, per tenant and day")
    func balanced() async throws {
        try await QueueFixture.with { queue async throws in
            _ = try await queue.accept([queue.newJob(), queue.newJob(tenant: "globex")])
            _ = try await queue.claimed(by: UUID())
            try await queue.ended()
            try await queue.ended(.dead, queue.newJob(tenant: "globex"))

            let report = try await queue.ledger.audit()
            #expect(report.isBalanced)
            #expect(report.accepted == 5)
            let acme = try #require(report.lines.first { $0.tenant == "acme" })
            #expect(acme.accepted == 3)
            #expect(acme.counts == [.queued: 1, .running: 1, .succeeded: 1])
            #expect(report.lines.first { $0.tenant == "globex" }?.counts == [.queued: 1, .dead: 1])
            #expect(try await queue.ledger.audit(all: true).lines == report.lines)
        }
    }

    @Test("an empty ledger balances")
    func empty() async throws {
        try await QueueFixture.with { queue async throws in
            #expect(try await queue.ledger.audit().isBalanced)
            #expect(try await queue.ledger.audit(all: true).isBalanced)
        }
    }

    @Test(
        "a planted loss, a planted extra and a job in both tables are found",
        arguments: [
            ("DELETE FROM job_live", 1, 0),
            ("DELETE FROM job_result", 1, 0),
            (
                """
                UPDATE job_tally_part SET accepted = accepted - 1
                WHERE ctid = (SELECT min(ctid) FROM job_tally_part)
                """, 1, 0
            ),
            (
                """
                INSERT INTO job_live (id, tenant, lane, kind, payload_version, payload, state, vtime, run_at, max_attempts,
                                      dispatch_generation)
                SELECT id, tenant, lane, kind, 1, '{}', 'queued', 1, now(), 1, 1 FROM job_result
                """, 1, 1
            ),
        ]
    )
    func planted(_ damage: String, _ difference: Int, _ twice: Int) async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ended()
            _ = try await queue.accept([queue.newJob()])
            #expect(try await queue.ledger.audit().isBalanced)
            _ = try await queue.pool.query(damage, [])

            let report = try await queue.ledger.audit()
            #expect(!report.isBalanced)
            #expect(report.difference == difference)
            #expect(report.twice.count == twice)
            #expect(try await queue.ledger.audit(all: true).twice.count == twice)
        }
    }

    @Test("hours that are over are counted once; what changes in them is counted again")
    func memory() async throws {
        try await QueueFixture.with { queue async throws in
            let old = try await queue.oldJob(days: 3)
            let delayed = try await queue.oldJob(days: 3)
            try await queue.ended(.succeeded, old)
            _ = try await queue.accept([delayed])
            let first = try await queue.ledger.audit()
            #expect(first.isBalanced)
            let second = try await queue.ledger.audit()
            #expect(second.hoursRemembered > 20)
            #expect(second.hoursCounted < first.hoursCounted)
            #expect(second.lines == first.lines)

            let owner = UUID()
            let claimed = try await queue.ledger.claim([delayed.id], owner: owner, kinds: JobKind.all)
            let lease = try #require(claimed.first?.lease)
            _ = try await queue.ledger.complete([Completion(lease: lease, state: .failed)], owner: owner)
            let third = try await queue.ledger.audit()
            #expect(third.isBalanced)
            #expect(third.lines.last?.counts == [.succeeded: 1, .failed: 1])
            _ = try await queue.ledger.redrive([delayed.id])
            #expect(try await queue.ledger.audit().isBalanced)
        }
    }

    @Test("a loss within remembered hours shows in a complete audit, and memory never cries wolf")
    func memoryIsChecked() async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ended(.succeeded, try await queue.oldJob(days: 2))
            _ = try await queue.ledger.audit()
            _ = try await queue.pool.query("UPDATE audit_hour SET succeeded = 7 WHERE tenant = 'acme'", [])
            #expect(try await queue.ledger.audit().isBalanced)  // counted afresh before anything is said

            _ = try await queue.pool.query("DELETE FROM job_result", [])
            #expect(try await !queue.ledger.audit(all: true).isBalanced)
        }
    }

    @Test("the kept verdict is the latest audit's, and one process at a time makes it")
    func kept() async throws {
        try await QueueFixture.with { queue async throws in
            #expect(try await queue.ledger.latestAudit() == nil)
            try await queue.ended()
            async let first = queue.ledger.auditAndKeep()
            async let second = queue.ledger.auditAndKeep()
            let made = try await [first, second].compactMap { $0 }
            #expect(made.count == 1)
            let verdict = try #require(try await queue.ledger.latestAudit())
            #expect(verdict.difference == 0)
            #expect(verdict.accepted == 1)
        }
    }
}
