import FoundationEssentials
import Postgres
import Support
import Synchronization
import Testing

@testable import Jobs
@testable import Worker

@Suite("Running jobs and reporting their ends")
struct JobRunnerTests {
    private static let failure = JobFailure(
        code: "no_luck",
        message: "the dice say no",
        field: "dice",
        hint: "Roll again."
    )

    @Test("a result is stored byte for byte, and the lease leaves the table")
    func succeeded() async throws {
        try await RunnerFixture.with(handler: { _, _ in .succeeded(result: #"{ "a" : [1, 2.50] }"#) }) {
            fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)

            let record = try await fixture.record(id)
            #expect(record.state == .succeeded)
            #expect(record.result == #"{ "a" : [1, 2.50] }"#)
            #expect(record.attempt == 1)
            #expect(fixture.table.count == 0)
        }
    }

    @Test("a failure that is for good ends the job at once, its payload kept for a redrive")
    func failed() async throws {
        try await RunnerFixture.with(handler: { _, _ in .failed(Self.failure) }) { fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)

            let record = try await fixture.record(id)
            #expect(record.state == .failed)
            #expect(record.failure == Self.failure)
            #expect(try await fixture.text("SELECT payload FROM job_result WHERE id = $1", id) == #"{"keep":"me"}"#)
        }
    }

    @Test(
        "a thrown failure is tried again with growing pauses, and after the last attempt the job is dead, its payload kept"
    )
    func retried() async throws {
        try await RunnerFixture.with(handler: { _, _ in throw Self.failure }) { fixture async throws in
            let id = try await fixture.accept()
            let attempts = JobKind.drill.retryPolicy.maxAttempts
            for attempt in 1..<attempts {
                try await fixture.run(id)

                let record = try await fixture.record(id)
                #expect(record.state == .retrying)
                #expect(record.attempt == attempt)
                #expect(record.failure == Self.failure)
                let wait =
                    "SELECT (extract(epoch FROM run_at - a.ended_at) BETWEEN -0.5 AND 5.5)::text FROM job_live "
                    + "JOIN job_attempt a ON a.job_id = id WHERE id = $1 ORDER BY a.lease_epoch DESC LIMIT 1"
                #expect(try await fixture.text(wait, id) == "true")
            }
            try await fixture.run(id)

            let record = try await fixture.record(id)
            #expect(record.state == .dead)
            #expect(record.attempt == attempts)
            #expect(record.failure == Self.failure)
            #expect(try await fixture.text("SELECT payload FROM job_result WHERE id = $1", id) == #"{"keep":"me"}"#)
            #expect(
                try await fixture.text(
                    "SELECT count(*)::text FROM job_attempt WHERE job_id = $1 AND outcome = 'retry'",
                    id
                ) == "\(attempts - 1)"
            )
        }
    }

    @Test("a handler can ask for a longer pause than the policy's")
    func notBefore() async throws {
        try await RunnerFixture.with(handler: { _, _ in .retry(Self.failure, notBefore: .seconds(600)) }) {
            fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)

            let runAt = try #require(try await fixture.record(id).runAt)
            #expect(runAt.timeIntervalSinceNow > 590)
        }
    }

    @Test("an unforeseen error is tried again, and its innards are not shown to the caller")
    func unforeseen() async throws {
        struct InnerWorkings: Error { let password = "hunter2" }
        try await RunnerFixture.with(handler: { _, _ in throw InnerWorkings() }) { fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)

            let record = try await fixture.record(id)
            #expect(record.state == .retrying)
            let failure = try #require(record.failure)
            #expect(failure.code == "internal_error")
            #expect(!failure.message.contains("InnerWorkings"))
            #expect(!failure.message.contains("hunter2"))
        }
    }

    @Test("snoozing costs no attempt, however often")
    func snoozed() async throws {
        try await RunnerFixture.with(handler: { _, _ in .snooze(.seconds(30)) }) { fixture async throws in
            let id = try await fixture.accept()
            for _ in 0..<6 { try await fixture.run(id) }

            let record = try await fixture.record(id)
            #expect(record.state == .scheduled)
            #expect(record.attempt == 0)
            #expect(try #require(record.runAt).timeIntervalSinceNow > 20)
        }
    }

    @Test("a kind without a handler waits for a worker that has one")
    func unknownKind() async throws {
        try await RunnerFixture.with(handler: nil) { fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)

            #expect(try await fixture.record(id).state == .scheduled)
            #expect(try await fixture.record(id).attempt == 0)
        }
    }

    @Test("when the lease is lost the work is cancelled, and what it reports is refused")
    func lostLease() async throws {
        try await RunnerFixture.with(handler: { _, _ in
            try? await Task.sleep(for: .seconds(60))
            return Task.isCancelled ? .succeeded(result: #""too late""#) : .succeeded(result: #""never told""#)
        }) { fixture async throws in
            let id = try await fixture.accept()
            let job = try await fixture.claim(id)
            let ended = Atomic(false)
            fixture.runner.start(job) { _ in ended.store(true, ordering: .releasing) }
            #expect(fixture.table.leases == [job.lease])
            // Somebody else has it now.
            let thief = UUID()
            _ = try await fixture.pool.query(
                "UPDATE job_live SET lease_epoch = lease_epoch + 1, lease_owner = $2 WHERE id = $1",
                [.uuid(id.uuid), .uuid(thief)]
            )

            #expect(fixture.table.apply(HeartbeatReply(held: [], cancelRequested: []), asked: [job.lease]) == 1)
            try await Condition.holds { ended.load(ordering: .acquiring) }

            let record = try await fixture.record(id)
            #expect(record.state == .running)
            #expect(record.result == nil)
            #expect(fixture.table.count == 0)
        }
    }

    @Test("a caller's cancellation ends the job as cancelled")
    func cancelled() async throws {
        try await RunnerFixture.with(handler: { _, _ in
            try await Task.sleep(for: .seconds(60))
            return .succeeded(result: "1")
        }) { fixture async throws in
            let id = try await fixture.accept()
            let job = try await fixture.claim(id)
            let ended = Atomic(false)
            fixture.runner.start(job) { _ in ended.store(true, ordering: .releasing) }

            _ = fixture.table.apply(HeartbeatReply(held: [job.lease], cancelRequested: [job.lease]), asked: [job.lease])
            try await Condition.holds { ended.load(ordering: .acquiring) }

            #expect(try await fixture.record(id).state == .cancelled)
        }
    }

    @Test("a stopping worker hands back what runs, uncharged, and reports no more")
    func handBack() async throws {
        try await RunnerFixture.with(handler: { _, _ in
            try? await Task.sleep(for: .seconds(60))
            return .succeeded(result: "1")
        }) { fixture async throws in
            let id = try await fixture.accept()
            let job = try await fixture.claim(id)
            let ended = Atomic(false)
            fixture.runner.start(job) { _ in ended.store(true, ordering: .releasing) }

            await fixture.runner.handBack(deadline: .seconds(5))
            _ = fixture.table.apply(HeartbeatReply(held: [], cancelRequested: []), asked: [job.lease])
            try await Condition.holds { ended.load(ordering: .acquiring) }

            let record = try await fixture.record(id)
            #expect(record.state == .queued)
            #expect(record.attempt == 0)
        }
    }

    @Test("a service that refuses for now costs no attempt, and its word is kept")
    func rateLimited() async throws {
        try await RunnerFixture.with(handler: { _, _ in .rateLimited(.seconds(60), Self.failure) }) {
            fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)
            let record = try await fixture.record(id)
            #expect(record.state == .retrying)
            #expect(record.attempt == 0)
            #expect(record.failure == Self.failure)
            #expect(try #require(record.runAt).timeIntervalSinceNow > 50)
        }
    }

    @Test("a job that fans out is finished when its children have ended, and sums them up", arguments: [0, 2])
    func fanOut(failures: Int) async throws {
        let parts = Mutex<[JobID]>([])
        try await RunnerFixture.with(handler: { job, _ in
            if job.payload.contains("part") { return job.payload.contains("bad") ? .failed(Self.failure) : Self.empty }
            let children = (0..<5).map { index in
                NewJob(tenant: "acme", kind: .drill, payload: index < failures ? #"{"part":"bad"}"# : #"{"part":1}"#)
            }
            parts.withLock { $0 = children.map(\.id) }
            return .fanOut(FanOut(children: children))
        }) { fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)
            #expect(try await fixture.record(id).state == .running)
            for part in parts.withLock({ $0 }) { try await fixture.run(part) }
            try await fixture.run(id)

            let record = try await fixture.record(id)
            #expect(record.state == (failures == 0 ? .succeeded : .failed))
            #expect(record.result == (failures == 0 ? #"{"children":{"total":5,"succeeded":5}}"# : nil))
            #expect(record.failure?.message == (failures == 0 ? nil : "2 of 5 parts failed, 3 succeeded"))
        }
    }

    @Test("what a handler reports is seen while it runs, and its checkpoint is there when the call returns")
    func progress() async throws {
        try await RunnerFixture.with(handler: { _, context in
            context.report(done: 1, of: 4)
            try await context.checkpoint(#"{"at":1}"#)
            return .snooze(.seconds(60))
        }) { fixture async throws in
            let id = try await fixture.accept()
            try await fixture.run(id)
            let progress = try #require(try await fixture.record(id).progress)
            #expect(JobProgress(json: progress)?.percent == 25)
            #expect(try await fixture.claim(id).checkpoint == #"{"at":1}"#)
        }
    }

    private static let empty = JobOutcome.succeeded(result: "{}")
}
