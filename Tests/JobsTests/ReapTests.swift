import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("Reaping")
struct ReapTests {
    @Test("a worker's death costs no attempt; the second makes a suspect, the fifth ends the job, its payload kept")
    func deaths() async throws {
        try await QueueFixture.with { queue async throws in
            let job = queue.newJob(payload: #"{"poison":true}"#)
            _ = try await queue.accept([job])
            for death in 1...5 {
                let claimed = try #require(
                    try await queue.ledger.claim([job.id], owner: UUID(), kinds: JobKind.all).first
                )
                #expect(claimed.attempt == 1)
                #expect(claimed.isSuspect == (death > 2))
                try await queue.expireLease(of: job.id)
                #expect(try await queue.ledger.reap() == (death < 5 ? Reaped(requeued: 1) : Reaped(ended: 1)))
            }
            let record = try #require(try await queue.ledger.job(job.id, tenant: nil))
            #expect(record.state == .dead)
            #expect(record.failure?.code == "poison")
            #expect(try await queue.count(#"SELECT count(*) FROM job_result WHERE payload = '{"poison":true}'"#) == 1)
            #expect(try await queue.count("SELECT count(*) FROM job_attempt WHERE outcome = 'lease_expired'") == 4)
        }
    }

    @Test("a lease lost by a process that still lives is no crash of the job")
    func livingOwner() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let job = try await queue.claimed(by: owner)
            _ = try await queue.pool.query(
                """
                INSERT INTO worker (id, host, pid, version, lanes, kinds, slots)
                VALUES ($1, 'here', 1, 'test', '{batch}', '{}', 1)
                """,
                [.uuid(owner)]
            )
            try await queue.expireLease(of: job.id)
            _ = try await queue.ledger.reap()
            #expect(try await queue.count("SELECT crash_count FROM job_live") == 0)
        }
    }

    @Test("two sweeps at once take each job back once")
    func concurrentSweeps() async throws {
        try await QueueFixture.with { queue async throws in
            for _ in 0..<20 {
                let job = try await queue.claimed(by: UUID())
                try await queue.expireLease(of: job.id)
            }
            async let first = queue.ledger.reap()
            async let second = queue.ledger.reap()
            let total = try await first.requeued + second.requeued
            #expect(total == 20)
            #expect(try await queue.count("SELECT count(*) FROM job_attempt") == 20)
        }
    }

    @Test("after a silence of the ledger nothing is reaped until one whole lease has passed")
    func gate() {
        var gate = ReapGate()
        let start = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        #expect(!gate.mayReap(at: at(0)))
        for second in 0...8 {
            gate.ledgerAnswered(at: at(second))
            #expect(!gate.mayReap(at: at(second)))
        }
        gate.ledgerAnswered(at: at(9))
        #expect(gate.mayReap(at: at(10)))

        // The ledger stalls from 10 to 40.
        #expect(!gate.mayReap(at: at(40)))
        gate.ledgerAnswered(at: at(40))
        for second in 41...48 {
            #expect(!gate.mayReap(at: at(second)))
            gate.ledgerAnswered(at: at(second))
        }
        gate.ledgerAnswered(at: at(49))
        #expect(gate.mayReap(at: at(49)))
    }
}
