import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Jobs

@Suite("Rules: pauses, drains and caps")
struct RuleTests {
    private func jobs(_ count: Int, tenant: String = "acme") -> [NewJob] {
        (0..<count).map { _ in NewJob(tenant: tenant, kind: .drill, payload: "{}") }
    }

    @Test(
        "what is paused neither starts nor stands in the others' way, and runs after the pause",
        arguments: [QueueRule.Scope.lane, .kind, .tenant]
    )
    func pause(scope: QueueRule.Scope) async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let mine = jobs(5)
            let other = NewJob(tenant: "other", kind: .spotOptimize, payload: "{}")
            _ = try await queue.accept(mine + [other])
            let name = [QueueRule.Scope.lane: "batch", .kind: "drill.noop", .tenant: "acme"][scope] ?? ""
            try await queue.ledger.setMode(.paused, scope: scope, name: name, reason: "a test")

            let ids = (mine + [other]).map(\.id)
            #expect(try await queue.ledger.claim(ids, owner: owner, kinds: JobKind.all).map(\.id) == [other.id])
            #expect(
                try await queue.ledger.claimDirectly(
                    limit: 10,
                    lanes: Lane.allCases,
                    owner: owner,
                    kinds: JobKind.all,
                    unrung: false
                ).isEmpty
            )
            #expect(try await queue.ledger.takeUnrung(lane: .batch, limit: 10).isEmpty)
            #expect(try await queue.ledger.releaseHeld() == 0)

            try await queue.ledger.setMode(.open, scope: scope, name: name, reason: nil)
            #expect(try await queue.ledger.rules().isEmpty)
            #expect(try await queue.ledger.releaseHeld() == 5)
            #expect(try await queue.ledger.claim(ids, owner: owner, kinds: JobKind.all).count == 5)
        }
    }

    @Test("the keeper holds a paused tenant's backlog aside and rings the tenants behind it")
    func keeperStepsOver() async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ledger.setMode(.paused, scope: .tenant, name: "acme", reason: nil)
            for _ in 0..<3 { _ = try await queue.accept(jobs(500)) }
            let other = jobs(1, tenant: "other")
            _ = try await queue.accept(other)
            var keeper = DoorbellKeeper(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            try await keeper.checkGeneration()
            _ = try await keeper.dispatch()
            _ = try await keeper.dispatch()
            #expect(try await queue.doorbell.gauge(.batch).length == 1)
            #expect(try await queue.count("SELECT count(*) FROM job_live WHERE held") == 1500)
        }
    }

    @Test("a cap is never exceeded, however many workers claim at once", arguments: ["acme", "*"])
    func cap(name: String) async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ledger.setCap(3, scope: .tenant, name: name)
            let all = jobs(40)
            _ = try await queue.accept(all)
            let claimed = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
                for start in 0..<8 {
                    group.addTask {
                        let ids = all[(start * 5)..<(start * 5 + 5)].map(\.id)
                        return try await queue.ledger.claim(ids, owner: UUID(), kinds: JobKind.all)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 3)
            #expect(try await queue.count("SELECT count(*) FROM job_live WHERE state = 'running'") == 3)
            #expect(try await queue.ledger.releaseHeld() == 0)

            let rows = try await queue.pool.query(
                "SELECT lease_owner FROM job_live WHERE id = $1",
                [.uuid(claimed[0].id.uuid)]
            )
            _ = try await queue.ledger.complete(
                [Completion(lease: claimed[0].lease, state: .succeeded, result: "{}")],
                owner: try rows[0].get(0)
            )
            #expect(try await queue.ledger.releaseHeld() == 1)
            let next = try await queue.ledger.claim(all.map(\.id), owner: UUID(), kinds: JobKind.all)
            #expect(next.count == 1)
        }
    }

    @Test("a cap on one kind leaves the others alone, and counts across tenants")
    func capOnKind() async throws {
        try await QueueFixture.with { queue async throws in
            try await queue.ledger.setCap(2, scope: .kind, name: "drill.noop")
            let drills = jobs(3) + jobs(3, tenant: "other")
            let decisions = (0..<4).map { _ in NewJob(tenant: "acme", kind: .spotOptimize, payload: "{}") }
            _ = try await queue.accept(drills + decisions)
            let claimed = try await queue.ledger.claim(
                (drills + decisions).map(\.id),
                owner: UUID(),
                kinds: JobKind.all
            )
            #expect(claimed.count { $0.kind == .drill } == 2)
            #expect(claimed.count { $0.kind == .spotOptimize } == 4)
        }
    }

    @Test("a drained tenant's new jobs are refused with the reason, the others' are not, and what waits goes on")
    func drain() async throws {
        try await QueueFixture.with { queue async throws in
            let waiting = jobs(1)
            _ = try await queue.accept(waiting)
            try await queue.ledger.setMode(.draining, scope: .tenant, name: "acme", reason: "moving out")
            let intake = JobIntake(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            let error = await #expect(throws: JobError.self) { _ = try await intake.accept(jobs(1)[0]) }
            #expect(error?.code == .draining)
            #expect(error?.message.contains("moving out") == true)
            let mixed = try await intake.accept(batch: jobs(1, tenant: "other") + jobs(1) + jobs(2, tenant: "other"))
            #expect(mixed.map { (try? $0.get()) != nil } == [true, false, true, true])
            #expect(try await queue.ledger.claim(waiting.map(\.id), owner: UUID(), kinds: JobKind.all).count == 1)
        }
    }

    @Test("a batch keeps its order, and a key that occurs twice in it makes one job")
    func batch() async throws {
        try await QueueFixture.with { queue async throws in
            let intake = JobIntake(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            var batch = jobs(450)
            for index in [7, 300] { batch[index].idempotency = IdempotencyKey(key: "same", payloadHash: [1]) }
            batch[400].idempotency = IdempotencyKey(key: "same", payloadHash: [2])
            let receipts = try await intake.accept(batch: batch)
            #expect(receipts.count == 450)
            #expect(try receipts[300].get().id == batch[7].id)
            #expect(try receipts[300].get().isDuplicate)
            #expect(throws: JobError.self) { try receipts[400].get() }
            let order = try await queue.pool.query("SELECT id FROM job_live ORDER BY vtime, id", [])
            let expected = batch.indices.filter { $0 != 300 && $0 != 400 }.map { batch[$0].id }
            // The second of the two waits for the first one's commit, and may come later than those behind it.
            #expect(try order.map { JobID(try $0.get(0, as: UUID.self)) } == expected)
        }
    }
}
