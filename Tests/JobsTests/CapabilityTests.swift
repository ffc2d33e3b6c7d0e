import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Capabilities: builds of two ages side by side")
struct CapabilityTests {
    private let old = JobKind(name: "drill.noop", lane: .batch, retryPolicy: .decision)
    private let new = JobKind(name: "drill.noop", lane: .batch, retryPolicy: .decision, payloadVersion: 2)

    @Test("an older worker does not touch a newer payload, in either way of claiming; a newer one reads both")
    func versions() async throws {
        try await QueueFixture.with { queue async throws in
            let first = NewJob(tenant: "acme", kind: old, payload: "{}")
            let second = NewJob(tenant: "acme", kind: new, payload: "{}")
            #expect(second.capability == "drill.noop:2")
            _ = try await queue.accept([first, second])
            let ids = [first.id, second.id]
            let direct = try await queue.ledger.claimDirectly(
                limit: 5,
                lanes: [.batch],
                owner: UUID(),
                kinds: [old],
                unrung: false
            )
            #expect(direct.map(\.id) == [first.id])
            #expect(try await queue.ledger.claim(ids, owner: UUID(), kinds: [old]).isEmpty)
            #expect(try await queue.ledger.claim(ids, owner: UUID(), kinds: [new]).map(\.id) == [second.id])
        }
    }

    @Test("a rung job nobody here knows is put off, costs no attempt, and comes up again")
    func putOff() async throws {
        try await QueueFixture.with { queue async throws in
            let job = NewJob(tenant: "acme", kind: new, payload: "{}")
            _ = try await queue.accept([job])
            try await queue.ledger.putOff([job.id])
            let record = try #require(try await queue.ledger.job(job.id, tenant: nil))
            #expect(record.state == .scheduled)
            #expect(record.attempt == 0)
            #expect(try #require(record.runAt).timeIntervalSinceNow < 3)
            _ = try await queue.pool.query("UPDATE job_live SET run_at = now()", [])
            #expect(try await queue.ledger.promoteDue() == 1)
            #expect(try await queue.ledger.claim([job.id], owner: UUID(), kinds: [new]).count == 1)
        }
    }
}
