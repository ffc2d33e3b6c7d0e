import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Fencing: only the holder of the newest lease may write")
struct FencingTests {
    @Test("a late result from a worker whose lease was reaped is refused, and writes nothing")
    func lateResult() async throws {
        try await QueueFixture.with { queue async throws in
            let frozen = UUID()
            let job = try await queue.claimed(by: frozen)
            try await queue.expireLease(of: job.id)
            #expect(try await queue.ledger.reap() == Reaped(requeued: 1))

            let late = Completion(lease: job.lease, state: .succeeded, result: #"{"from":"the dead"}"#)
            #expect(try await queue.ledger.complete([late], owner: frozen).isEmpty)

            #expect(try await queue.count("SELECT count(*) FROM job_result") == 0)
            #expect(try await queue.ledger.job(job.id, tenant: "acme")?.state == .queued)
        }
    }

    @Test("after another worker finished the job, the first one's result, retry and hand-back are all refused")
    func everyWriteOfAStaleEpoch() async throws {
        try await QueueFixture.with { queue async throws in
            let (first, second) = (UUID(), UUID())
            let stale = try await queue.claimed(by: first)
            try await queue.expireLease(of: stale.id)
            _ = try await queue.ledger.reap()
            let fresh = try await queue.ledger.claim([stale.id], owner: second, kinds: JobKind.all)[0]
            #expect(fresh.lease.epoch > stale.lease.epoch)

            let failure = JobFailure(code: "late", message: "late")
            #expect(try await queue.ledger.release([(stale.lease, .handBack)], owner: first).isEmpty)
            #expect(
                try await queue.ledger.release([(stale.lease, .retry(after: .zero, failure))], owner: first).isEmpty
            )
            let good = Completion(lease: fresh.lease, state: .succeeded, result: #"{"from":"second"}"#)
            #expect(try await queue.ledger.complete([good], owner: second) == [fresh.lease])
            let late = Completion(lease: stale.lease, state: .failed, failure: failure)
            #expect(try await queue.ledger.complete([late], owner: first).isEmpty)

            let record = try #require(try await queue.ledger.job(stale.id, tenant: "acme"))
            #expect(record.state == .succeeded)
            #expect(record.result == #"{"from":"second"}"#)
            #expect(try await queue.count("SELECT count(*) FROM job_result") == 1)
        }
    }

    @Test("the same epoch under another owner is refused: a restored database may give an epoch out twice")
    func ownerIsPartOfTheFence() async throws {
        try await QueueFixture.with { queue async throws in
            let job = try await queue.claimed(by: UUID())
            let forged = Completion(lease: job.lease, state: .succeeded, result: "{}")
            #expect(try await queue.ledger.complete([forged], owner: UUID()).isEmpty)
        }
    }

    @Test("a heartbeat renews live leases, reports cancelled ones and leaves lost ones out")
    func heartbeat() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let kept = try await queue.claimed(by: owner)
            let lost = try await queue.claimed(by: owner)
            let cancelled = try await queue.claimed(by: owner)
            try await queue.expireLease(of: lost.id)
            try await queue.expireLease(of: kept.id)
            _ = try await queue.pool.query(
                "UPDATE job_live SET lease_owner = gen_random_uuid() WHERE id = $1",
                [.uuid(lost.id.uuid)]
            )
            _ = try await queue.pool.query(
                "UPDATE job_live SET cancel_requested = true WHERE id = $1",
                [.uuid(cancelled.id.uuid)]
            )

            let leases = [kept.lease, lost.lease, cancelled.lease]
            let reply = try await Beat.once(leases, owner: owner, on: queue.configuration)

            #expect(reply.held == [kept.lease, cancelled.lease])
            #expect(reply.cancelRequested == [cancelled.lease])
            #expect(try await queue.count("SELECT count(*) FROM job_live WHERE lease_until > now()") == 2)
        }
    }

    @Test("a job handed back runs again at once, without having lost an attempt, under a higher epoch")
    func handBack() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            #expect(try await queue.ledger.release([(job.lease, .handBack)], owner: owner) == [job.lease])
            let again = try await queue.ledger.claim([job.id], owner: UUID(), kinds: JobKind.all)[0]
            #expect(again.attempt == 1)
            #expect(again.lease.epoch >= job.lease.epoch + 2)
        }
    }

    @Test("a result whose connection died before its answer counts as applied when it is sent again")
    func repeatedCompletion() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            let done = Completion(lease: job.lease, state: .succeeded, result: "{}")
            #expect(try await queue.ledger.complete([done], owner: owner) == [job.lease])
            #expect(try await queue.ledger.complete([done], owner: owner, repeated: true) == [job.lease])
            #expect(try await queue.ledger.complete([done], owner: UUID(), repeated: true).isEmpty)
            #expect(try await queue.count("SELECT count(*) FROM job_result") == 1)
        }
    }
}
