import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Fair order")
struct FairnessTests {
    private func jobs(_ count: Int, tenant: String, cluster: String = "") -> [NewJob] {
        (0..<count).map { _ in
            var job = NewJob(tenant: tenant, kind: .drill, payload: "{}")
            job.cluster = cluster
            return job
        }
    }

    private func order(_ queue: QueueFixture, _ limit: Int) async throws -> [JobID] {
        try await queue.ledger.takeUnrung(lane: .batch, limit: limit).map(\.id)
    }

    @Test("a tenant that comes after another's flood is served in turn with it")
    func tenants() async throws {
        try await QueueFixture.with { queue async throws in
            for _ in 0..<5 { _ = try await queue.accept(jobs(200, tenant: "flood")) }
            let late = jobs(20, tenant: "late")
            _ = try await queue.accept(late)
            let first = try await order(queue, 42)
            #expect(Set(first).intersection(late.map(\.id)).count >= 20)
        }
    }

    @Test("within a tenant, a cluster that comes after another's flood is served in turn with it")
    func clusters() async throws {
        try await QueueFixture.with { queue async throws in
            for _ in 0..<5 { _ = try await queue.accept(jobs(200, tenant: "acme", cluster: "flood")) }
            let late = jobs(10, tenant: "acme", cluster: "late")
            _ = try await queue.accept(late)
            let first = try await order(queue, 31)
            #expect(Set(first).isSuperset(of: late.map(\.id)))
        }
    }

    @Test("many clusters do not make one tenant heavier: the other still gets its half")
    func manyClusters() async throws {
        try await QueueFixture.with { queue async throws in
            for start in stride(from: 0, to: 1600, by: 200) {
                _ = try await queue.accept((0..<200).flatMap { jobs(1, tenant: "wide", cluster: "c\(start + $0)") })
            }
            let other = jobs(100, tenant: "other")
            _ = try await queue.accept(other)
            let first = try await order(queue, 220)
            #expect(Set(first).isSuperset(of: other.map(\.id)))
        }
    }

    @Test("a herd that comes due at once stands in line behind itself, not before the others")
    func herd() async throws {
        try await QueueFixture.with { queue async throws in
            var herd = jobs(400, tenant: "herd")
            for index in herd.indices { herd[index].runAt = Date(timeIntervalSinceNow: 3600) }
            for start in [0, 200] { _ = try await queue.accept(Array(herd[start..<start + 200])) }
            // Meanwhile the lane's time has passed the places they would have had.
            _ = try await queue.pool.query("UPDATE lane_clock SET vtime = 100000", [])
            _ = try await queue.pool.query("UPDATE job_live SET run_at = now()", [])
            while try await queue.ledger.promoteDue(limit: 100) > 0 {}
            let other = jobs(10, tenant: "other")
            _ = try await queue.accept(other)
            #expect(Set(try await order(queue, 22)).isSuperset(of: other.map(\.id)))
        }
    }

    @Test("a near deadline goes first, but in a quarter of the places only")
    func earliestDeadline() async throws {
        try await QueueFixture.with { queue async throws in
            let patient = jobs(40, tenant: "acme")
            _ = try await queue.accept(patient)
            var urgent = jobs(40, tenant: "acme")
            for index in urgent.indices { urgent[index].deadline = Date(timeIntervalSinceNow: 60 - Double(index)) }
            _ = try await queue.accept(urgent)
            let first = try await order(queue, 20)
            #expect(Array(first.prefix(5)) == urgent.suffix(5).reversed().map(\.id))
            #expect(Set(first.dropFirst(5)) == Set(patient.prefix(15).map(\.id)))
        }
    }

    @Test("the accepted are counted exactly, by tenant, with duplicates and repetitions counted once")
    func tally() async throws {
        try await QueueFixture.with { queue async throws in
            var job = jobs(1, tenant: "acme")[0]
            job.idempotency = IdempotencyKey(key: "k", payloadHash: [1])
            var again = jobs(1, tenant: "acme")[0]
            again.idempotency = job.idempotency
            let entries = [JobLedger.Entry(job: job, ring: false)]
            _ = try await queue.ledger.accept(entries)
            _ = try await queue.ledger.accept(entries)
            _ = try await queue.accept([again])
            _ = try await queue.accept(jobs(3, tenant: "acme") + jobs(2, tenant: "other"))
            #expect(try await queue.count("SELECT accepted FROM job_tally_now WHERE tenant = 'acme'") == 4)
            #expect(try await queue.count("SELECT accepted FROM job_tally_now WHERE tenant = 'other'") == 2)
            for _ in 0..<2 {
                try await queue.ledger.foldTally()
                #expect(try await queue.count("SELECT sum(accepted)::int8 FROM job_tally") == 6)
                #expect(try await queue.count("SELECT sum(accepted)::int8 FROM job_tally_now") == 6)
            }
        }
    }
}
