import FoundationEssentials
import Jobs
import Postgres
import Testing

@Suite("Accepting")
struct AcceptTests {
    private func keyed(_ queue: QueueFixture, _ key: String, payload: String = "{}", tenant: String = "acme") -> NewJob
    {
        var job = queue.newJob(tenant: tenant, payload: payload)
        job.idempotency = IdempotencyKey(key: key, payloadHash: Array(payload.utf8))
        return job
    }

    @Test("a key used again for the same payload gives the first job; for another payload a conflict")
    func idempotency() async throws {
        try await QueueFixture.with { queue async throws in
            let first = keyed(queue, "k1")
            #expect(try await queue.accept([first]) == [.accepted(first.id)])
            #expect(try await queue.accept([keyed(queue, "k1")]) == [.duplicate(first.id)])
            #expect(try await queue.accept([keyed(queue, "k1", payload: #"{"a":1}"#)]) == [.keyConflict(first.id)])
            let other = keyed(queue, "k1", tenant: "globex")
            #expect(try await queue.accept([other]) == [.accepted(other.id)])
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 2)
        }
    }

    @Test("a hundred concurrent requests with one key make one job")
    func concurrentDuplicates() async throws {
        try await QueueFixture.with { queue async throws in
            let intake = JobIntake(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
                for _ in 0..<100 { group.addTask { try await intake.accept(keyed(queue, "same")).id } }
                return try await group.reduce(into: Set<JobID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 1)
        }
    }

    @Test("a key is free again once its time is over")
    func expiredKey() async throws {
        try await QueueFixture.with { queue async throws in
            let first = keyed(queue, "k")
            _ = try await queue.accept([first])
            _ = try await queue.pool.query("UPDATE job_key SET expires_at = now() - interval '1 second'", [])
            let second = keyed(queue, "k", payload: #"{"new":true}"#)
            #expect(try await queue.accept([second]) == [.accepted(second.id)])
        }
    }

    @Test("sending a batch again after an unknown outcome makes nothing twice, not even after the job has ended")
    func repeatedBatch() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let ended = try await queue.claimed(by: owner)
            _ = try await queue.ledger.complete(
                [Completion(lease: ended.lease, state: .succeeded, result: "{}")],
                owner: owner
            )
            let endedAgain = NewJob(id: ended.id, tenant: "acme", kind: .drill, payload: "{}")
            let live = queue.newJob()
            _ = try await queue.accept([live])

            let entries = [endedAgain, live].map { JobLedger.Entry(job: $0, ring: false) }
            let outcomes = try await queue.ledger.accept(entries)

            #expect(outcomes == [.accepted(ended.id), .accepted(live.id)])
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 1)
        }
    }

    @Test("a thousand jobs from sixty-four senders are all there, each once, with its payload byte for byte")
    func groupCommit() async throws {
        try await QueueFixture.with { queue async throws in
            let intake = JobIntake(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            try await withThrowingTaskGroup { group in
                for sender in 0..<64 {
                    group.addTask {
                        for number in stride(from: sender, to: 1000, by: 64) {
                            _ = try await intake.accept(queue.newJob(payload: #"{"é":\#(number)}"#))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await queue.count("SELECT count(DISTINCT payload) FROM job_live") == 1000)
            #expect(try await queue.count(#"SELECT count(*) FROM job_live WHERE payload = '{"é":7}'"#) == 1)
        }
    }

    @Test("a payload that PostgreSQL cannot store fails alone; its neighbours in the batch are accepted")
    func poisonedBatch() async throws {
        try await QueueFixture.with { queue async throws in
            let intake = JobIntake(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    let payload = number == 7 ? "\u{0}" : "{}"
                    group.addTask { (try? await intake.accept(queue.newJob(payload: payload))) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 19)
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 19)
        }
    }

    @Test("a light tenant is not queued behind a heavy one's flood")
    func fairOrder() async throws {
        try await QueueFixture.with { queue async throws in
            _ = try await queue.accept((0..<50).map { _ in queue.newJob(tenant: "heavy") })
            let light = queue.newJob(tenant: "light")
            _ = try await queue.accept([light])
            let next = try await queue.ledger.takeUnrung(lane: .batch, limit: 3).map(\.id)
            #expect(next.contains(light.id))
        }
    }

    @Test("a job for later is not handed out before its time")
    func scheduled() async throws {
        try await QueueFixture.with { queue async throws in
            var later = queue.newJob()
            later.runAt = Date(timeIntervalSinceNow: 3600)
            _ = try await queue.accept([later])
            #expect(try await queue.ledger.job(later.id, tenant: nil)?.state == .scheduled)
            #expect(try await queue.ledger.claim([later.id], owner: UUID(), kinds: JobKind.all).isEmpty)
            #expect(try await queue.ledger.promoteDue() == 0)
            _ = try await queue.pool.query("UPDATE job_live SET run_at = now() - interval '1 second'", [])
            #expect(try await queue.ledger.promoteDue() == 1)
            #expect(try await queue.ledger.claim([later.id], owner: UUID(), kinds: JobKind.all).count == 1)
        }
    }
}
