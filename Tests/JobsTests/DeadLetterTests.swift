import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Dead letters")
struct DeadLetterTests {
    @Test("they are grouped by kind and error code, with count and examples")
    func groups() async throws {
        try await QueueFixture.with { queue async throws in
            for _ in 0..<3 { try await queue.ended(.dead) }
            let other = try await queue.ended(
                .dead,
                queue.newJob(kind: .pricingFetch),
                failure: JobFailure(code: "refused", message: "no")
            )
            try await queue.ended(.failed)
            try await queue.ended()

            let groups = try await queue.ledger.deadGroups(JobFilter())
            #expect(groups.map(\.count) == [3, 1])
            #expect(groups.map(\.code) == ["broken", "refused"])
            #expect(groups.first?.examples.count == 3)
            #expect(groups.last?.examples == [other.id])
            #expect(groups.last?.message == "no")
            #expect(try await queue.ledger.deadGroups(JobFilter(), withFailed: true).map(\.count).reduce(0, +) == 5)
            var filter = JobFilter()
            filter.errorCode = "refused"
            #expect(try await queue.ledger.deadGroups(filter).map(\.count) == [1])
        }
    }

    @Test("a redriven job runs again under its id, with a higher epoch, and old leases write nothing")
    func redrive() async throws {
        try await QueueFixture.with { queue async throws in
            var job = queue.newJob(payload: #"{"n":1}"#)
            job.idempotency = IdempotencyKey(key: "k", payloadHash: [1])
            job.deadline = Date(timeIntervalSinceNow: 3600)
            job.cost = 7
            let first = try await queue.ended(.dead, job)
            #expect(try await queue.count("SELECT count(*) FROM job_key WHERE expires_at < 'infinity'") == 1)

            let outcome = try await queue.ledger.redrive([job.id])
            #expect(outcome == Redriven(redriven: [job.id]))
            #expect(try await queue.count("SELECT count(*) FROM job_result") == 0)
            #expect(try await queue.count("SELECT count(*) FROM job_key WHERE expires_at = 'infinity'") == 1)
            #expect(try await queue.accept([retry(of: job)]) == [.duplicate(job.id)])

            #expect(try await queue.count("SELECT cost::int8 FROM job_live") == 7)

            let owner = UUID()
            let again = try #require(try await queue.ledger.claim([job.id], owner: owner, kinds: JobKind.all).first)
            #expect(again.attempt == 1)
            #expect(again.lease.epoch > first.lease.epoch + 1)
            #expect(again.payload == #"{"n":1}"#)
            // As much time as it had at first, from now on.
            #expect(try #require(again.timeLeft) > .seconds(3590))
            let late = Completion(lease: first.lease, state: .succeeded, result: "late")
            #expect(try await queue.ledger.complete([late], owner: owner).isEmpty)
            _ = try await queue.ledger.complete(
                [Completion(lease: again.lease, state: .succeeded, result: "2")],
                owner: owner
            )
            #expect(try await queue.ledger.attempts(of: job.id).map(\.outcome) == ["redriven", "succeeded"])
            #expect(try await queue.ledger.audit(all: true).isBalanced)
        }
    }

    private func retry(of job: NewJob) -> NewJob {
        var again = NewJob(tenant: job.tenant, kind: job.kind, payload: job.payload)
        again.idempotency = job.idempotency
        return again
    }

    @Test("what cannot run again is refused with its reason")
    func refusals() async throws {
        try await QueueFixture.with { queue async throws in
            let succeeded = try await queue.ended()
            let waiting = queue.newJob()
            _ = try await queue.accept([waiting])
            let cancelled = queue.newJob()
            _ = try await queue.accept([cancelled])
            _ = try await queue.ledger.cancel(cancelled.id, tenant: nil)
            let discarded = try await queue.ended(.dead)
            #expect(try await queue.ledger.discard([discarded.id]) == [discarded.id])
            let parent = try await queue.ended(.dead)
            var child = queue.newJob()
            child.parent = parent.id
            _ = try await queue.accept([child])
            let nobody = JobID.make()

            let outcome = try await queue.ledger.redrive([
                succeeded.id, waiting.id, cancelled.id, discarded.id, parent.id, nobody,
            ])
            #expect(outcome.redriven.isEmpty)
            #expect(
                outcome.refused == [
                    succeeded.id: .succeeded, waiting.id: .notEnded, cancelled.id: .cancelled, discarded.id: .discarded,
                    parent.id: .childrenAlive, nobody: .notFound,
                ]
            )
            let foreign = try await queue.ended(.dead)
            #expect(try await queue.ledger.redrive([foreign.id], tenant: "globex").refused == [foreign.id: .notFound])
        }
    }

    @Test("a discarded letter still tells how it ended, and is no letter any more")
    func discard() async throws {
        try await QueueFixture.with { queue async throws in
            let dead = try await queue.ended(.dead)
            let good = try await queue.ended()

            #expect(try await queue.ledger.discard([dead.id, good.id]) == [dead.id])
            #expect(try await queue.ledger.discard([dead.id]).isEmpty)
            #expect(try await queue.ledger.job(dead.id, tenant: nil)?.state == .dead)
            #expect(try await queue.ledger.summary(dead.id, tenant: nil)?.isDiscarded == true)
            #expect(try await queue.ledger.deadGroups(JobFilter()).isEmpty)
            #expect(try await queue.count("SELECT count(*) FROM job_result WHERE payload IS NOT NULL") == 0)
        }
    }

    @Test("two redrives at once bring each job back once")
    func concurrent() async throws {
        try await QueueFixture.with { queue async throws in
            var ids: [JobID] = []
            for _ in 0..<20 { ids.append(try await queue.ended(.dead).id) }
            let all = ids
            async let first = queue.ledger.redrive(all)
            async let second = queue.ledger.redrive(all)
            let count = try await first.redriven.count + second.redriven.count
            #expect(count == 20)
            #expect(try await queue.count("SELECT count(*) FROM job_live WHERE state = 'queued'") == 20)
        }
    }

    @Test("a parent that still waits, waits for a redriven child again")
    func parent() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let children = [queue.newJob(), queue.newJob()]
            _ = try await queue.ledger.fanOut(parent.lease, FanOut(children: children), owner: owner)
            let claimed = try await queue.ledger.claim([children[0].id], owner: owner, kinds: JobKind.all)
            let lease = try #require(claimed.first?.lease)
            let failure = JobFailure(code: "broken", message: "it broke")
            _ = try await queue.ledger.complete(
                [Completion(lease: lease, state: .dead, failure: failure)],
                owner: owner
            )
            let open = "SELECT children_open::bigint FROM job_live WHERE children_total > 0"
            #expect(try await queue.count(open) == 1)

            _ = try await queue.ledger.redrive([children[0].id])
            #expect(try await queue.count(open) == 2)
            #expect(
                try await queue.ledger.summary(parent.id, tenant: nil)?.children
                    == ChildCounts(total: 2, open: 2, failed: 0)
            )
        }
    }

    @Test("redriven jobs stand behind what their tenant has waiting, not before everybody")
    func fairPlace() async throws {
        try await QueueFixture.with { queue async throws in
            var ids: [JobID] = []
            for _ in 0..<10 { ids.append(try await queue.ended(.dead).id) }
            _ = try await queue.accept((0..<5).map { _ in queue.newJob(tenant: "globex") })
            _ = try await queue.ledger.redrive(ids)
            let next = try await queue.ledger.takeUnrung(lane: .batch, limit: 6).map(\.id)
            let mine = next.filter(ids.contains).count
            #expect((1...4).contains(mine), "\(mine) of the first six")
        }
    }
}
