import FoundationEssentials
import Testing

@testable import Jobs

@Suite("Progress and checkpoints")
struct ProgressTests {
    @Test("progress is seen while the job runs, and its checkpoint is given to the next attempt")
    func survivesRetry() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            let progress = JobProgress(done: 3, total: 12, message: "regions", elapsed: .seconds(6))
            let report = ProgressReport(lease: job.lease, progress: progress, checkpoint: #"{"next":4}"#)
            #expect(try await queue.ledger.report([report], owner: owner) == [job.lease])

            let seen = try #require(try await queue.ledger.job(job.id, tenant: nil)?.progress)
            #expect(JobProgress(json: seen) == progress)
            #expect(progress.percent == 25)
            #expect(progress.etaSeconds == 18)
            let failure = JobFailure(code: "again", message: "again")
            _ = try await queue.ledger.release([(job.lease, .retry(after: .zero, failure))], owner: owner)
            #expect(try await queue.ledger.promoteDue() == 1)
            let next = try #require(try await queue.ledger.claim([job.id], owner: UUID(), kinds: JobKind.all).first)
            #expect(next.checkpoint == #"{"next":4}"#)
            #expect(next.attempt == 2)
        }
    }

    @Test("a report of a stale epoch, or of another owner, writes nothing")
    func fenced() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            let report = ProgressReport(lease: job.lease, progress: JobProgress(percent: 99), checkpoint: "late")
            #expect(try await queue.ledger.report([report], owner: UUID()).isEmpty)
            try await queue.expireLease(of: job.id)
            _ = try await queue.ledger.reap()
            #expect(try await queue.ledger.report([report], owner: owner).isEmpty)
            let next = try #require(try await queue.ledger.claim([job.id], owner: owner, kinds: JobKind.all).first)
            #expect(try await queue.ledger.report([report], owner: owner).isEmpty)
            #expect(next.checkpoint == nil)
            #expect(try await queue.ledger.job(job.id, tenant: nil)?.progress == nil)
        }
    }
}
