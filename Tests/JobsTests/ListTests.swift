import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Listing jobs")
struct ListTests {
    @Test("live and ended jobs come together, newest first, page by page, each once")
    func pages() async throws {
        try await QueueFixture.with { queue async throws in
            var ids: [JobID] = []
            for index in 0..<25 {
                let job = NewJob(
                    id: .make(now: Date(timeIntervalSinceNow: Double(index - 60))),
                    tenant: "acme",
                    kind: .drill,
                    payload: "{}"
                )
                ids.append(job.id)
                if index.isMultiple(of: 2) {
                    try await queue.ended(.succeeded, job)
                } else {
                    _ = try await queue.accept([job])
                }
            }
            var seen: [JobID] = []
            var after: JobID?
            repeat {
                let page = try await queue.ledger.jobs(JobFilter(), after: after, limit: 7)
                seen += page.jobs.map(\.id)
                after = page.next
            } while after != nil && seen.count < 100
            #expect(seen == ids.reversed())
        }
    }

    @Test("every filter narrows, in both tables")
    func filters() async throws {
        try await QueueFixture.with { queue async throws in
            var clustered = NewJob(tenant: "acme", kind: .drill, payload: "{}", lane: .bulk)
            clustered.cluster = "c1"
            let parent = queue.newJob()
            var child = queue.newJob(tenant: "globex")
            child.parent = parent.id
            _ = try await queue.accept([clustered, parent, child])
            let dead = try await queue.ended(.dead, queue.newJob(tenant: "globex"))
            let running = try await queue.claimed(by: UUID())
            func found(_ change: (inout JobFilter) -> Void) async throws -> Set<JobID> {
                var filter = JobFilter()
                change(&filter)
                return Set(try await queue.ledger.jobs(filter).jobs.map(\.id))
            }

            #expect(try await found { $0.tenant = "globex" } == [child.id, dead.id])
            #expect(try await found { $0.lane = .bulk } == [clustered.id])
            #expect(try await found { $0.cluster = "c1" } == [clustered.id])
            #expect(try await found { $0.parent = parent.id } == [child.id])
            #expect(try await found { $0.states = [.running] } == [running.id])
            #expect(try await found { $0.states = [.dead] } == [dead.id])
            #expect(try await found { $0.states = [.queued, .dead] } == [clustered.id, parent.id, child.id, dead.id])
            #expect(try await found { $0.errorCode = "broken" } == [dead.id])
            #expect(try await found { $0.kind = "no.such" } == [])
            #expect(try await found { $0.until = Date(timeIntervalSinceNow: -60) } == [])
            #expect(try await found { $0.since = Date(timeIntervalSinceNow: -60) }.count == 5)
        }
    }

    @Test("the attempt log has every attempt in order, the last one included")
    func attempts() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            let failure = JobFailure(code: "flaky", message: "once")
            _ = try await queue.ledger.release([(job.lease, .retry(after: .zero, failure))], owner: owner)
            _ = try await queue.ledger.promoteDue()
            let again = try #require(
                try await queue.ledger.claim([job.id], owner: owner, kinds: JobKind.all).first
            )
            #expect(try await queue.ledger.attempts(of: job.id).map(\.outcome) == ["retry", "running"])
            _ = try await queue.ledger.complete(
                [Completion(lease: again.lease, state: .succeeded, result: "1")],
                owner: owner
            )

            let log = try await queue.ledger.attempts(of: job.id)
            #expect(log.map(\.outcome) == ["retry", "succeeded"])
            #expect(log.map(\.attempt) == [1, 2])
            #expect(log.first?.failure == failure)
            #expect(log.allSatisfy { $0.worker == owner && $0.startedAt != nil && $0.endedAt != nil })
        }
    }

    @Test("counts are exact up to their bound and estimated beyond it, per lane")
    func counts() async throws {
        try await QueueFixture.with { queue async throws in
            let many = (0..<400).map { _ in NewJob(tenant: "acme", kind: .drill, payload: "{}", lane: .bulk) }
            _ = try await queue.accept(many)
            _ = try await queue.accept([queue.newJob(), queue.newJob(kind: .pricingFetch)])
            try await queue.ended(.dead)

            let exact = try await queue.ledger.queueCounts()
            #expect(exact.allSatisfy { !$0.isEstimated })
            #expect(exact.first { $0.lane == .bulk }?.count == 400)
            #expect(exact.first { $0.lane == .bulk }?.oldest != nil)
            #expect(exact.filter { $0.lane == .batch && $0.state == .queued }.map(\.count).reduce(0, +) == 2)
            #expect(exact.first { $0.state == .dead }?.count == 1)

            let bounded = try await queue.ledger.queueCounts(exactly: 100)
            let bulk = try #require(bounded.first { $0.lane == .bulk })
            #expect(bulk.isEstimated)
            #expect(bulk.count == 400)  // the sample of a small table is all of it
            #expect(bounded.filter { $0.lane == .batch }.allSatisfy { !$0.isEstimated })
        }
    }
}
