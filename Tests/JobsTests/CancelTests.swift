import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Jobs

@Suite("Cancelling, and deadlines")
struct CancelTests {
    private func done(_ job: ClaimedJob) -> Completion {
        Completion(lease: job.lease, state: .succeeded, result: #"{"done":true}"#)
    }

    @Test("a waiting job ends at once, whatever it waits for", arguments: ["queued", "scheduled", "retrying"])
    func waiting(state: String) async throws {
        try await QueueFixture.with { queue async throws in
            let job = queue.newJob()
            _ = try await queue.accept([job])
            _ = try await queue.pool.query("UPDATE job_live SET state = $1::text::job_state", [.text(state)])

            #expect(try await queue.ledger.cancel(job.id, tenant: "acme") == Cancelled(ended: [job.id]))

            #expect(try await queue.ledger.job(job.id, tenant: "acme")?.state == .cancelled)
            #expect(try await queue.ledger.claim([job.id], owner: UUID(), kinds: JobKind.all).isEmpty)
            #expect(try await queue.ledger.cancel(job.id, tenant: "acme") == Cancelled())
        }
    }

    @Test("another tenant's job is not found, and stays")
    func otherTenant() async throws {
        try await QueueFixture.with { queue async throws in
            let job = queue.newJob()
            _ = try await queue.accept([job])
            #expect(try await queue.ledger.cancel(job.id, tenant: "other") == Cancelled())
            #expect(try await queue.ledger.job(job.id, tenant: "acme")?.state == .queued)
        }
    }

    @Test("a running job that was told to stop never ends as succeeded, and its result is not kept")
    func running() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            #expect(try await queue.ledger.cancel(job.id, tenant: "acme") == Cancelled(told: [job.id]))

            #expect(try await queue.ledger.complete([done(job)], owner: owner) == [job.lease])

            let record = try #require(try await queue.ledger.job(job.id, tenant: "acme"))
            #expect(record.state == .cancelled)
            #expect(record.result == nil)
            #expect(record.failure?.code == "cancelled")
        }
    }

    @Test("a job that ended first keeps its end")
    func tooLate() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            _ = try await queue.ledger.complete([done(job)], owner: owner)
            #expect(try await queue.ledger.cancel(job.id, tenant: "acme") == Cancelled())
            #expect(try await queue.ledger.job(job.id, tenant: "acme")?.state == .succeeded)
        }
    }

    /// Failure mode 13 in its short form; `./test --soak cancel-race` runs 100,000.
    @Test("cancels that race claims and completions leave one end each, and no cancelled job has a result")
    func races() async throws {
        let trials = TestSize.of("CLOUDOPTIM_RACE_TRIALS", ordinarily: 2000)
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            for start in stride(from: 0, to: trials, by: 100) {
                let jobs = (0..<min(100, trials - start)).map { _ in queue.newJob() }
                _ = try await queue.accept(jobs)
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask {
                        for job in jobs.shuffled() { _ = try await queue.ledger.cancel(job.id, tenant: "acme") }
                    }
                    group.addTask {
                        for batch in stride(from: 0, to: jobs.count, by: 10) {
                            let ids = jobs[batch..<min(batch + 10, jobs.count)].map(\.id)
                            let claimed = try await queue.ledger.claim(ids, owner: owner, kinds: JobKind.all)
                            _ = try await queue.ledger.complete(claimed.map(done), owner: owner)
                        }
                    }
                }
            }
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 0)
            #expect(try await queue.count("SELECT count(DISTINCT id) FROM job_result") == trials)
            #expect(try await queue.count("SELECT count(*) FROM job_result") == trials)
            #expect(
                try await queue.count(
                    "SELECT count(*) FROM job_result WHERE (state = 'succeeded') <> (result IS NOT NULL)"
                )
                    == 0
            )
            for state in ["succeeded", "cancelled"] {
                #expect(try await queue.count("SELECT count(*) FROM job_result WHERE state = '\(state)'") > 0)
            }
        }
    }

    @Test("a job past its deadline is neither claimed nor left waiting, and a result that comes after it is none")
    func deadlines() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            var late = queue.newJob()
            late.deadline = Date(timeIntervalSinceNow: -1)
            _ = try await queue.accept([late])
            #expect(try await queue.ledger.claim([late.id], owner: owner, kinds: JobKind.all).isEmpty)
            #expect(try await queue.ledger.endOverdue() == [late.id])
            #expect(try await queue.ledger.job(late.id, tenant: nil)?.failure?.code == "deadline_exceeded")

            var slow = queue.newJob()
            slow.deadline = Date(timeIntervalSinceNow: 60)
            let claimed = try await queue.claimed(by: owner, slow)
            #expect(try #require(claimed.timeLeft) > .seconds(30))
            _ = try await queue.pool.query("UPDATE job_live SET deadline = now() - interval '1 second'", [])
            #expect(try await queue.ledger.endOverdue().isEmpty)
            _ = try await queue.ledger.complete([done(claimed)], owner: owner)
            let record = try #require(try await queue.ledger.job(slow.id, tenant: nil))
            #expect(record.state == .failed)
            #expect(record.result == nil)
            #expect(record.failure?.code == "deadline_exceeded")
        }
    }
}
