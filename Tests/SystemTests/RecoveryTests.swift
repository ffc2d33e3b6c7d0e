import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Redis
import Support
import Testing

@Suite("Recovery: real processes, killed for real", .serialized)
struct RecoveryTests {
    /// Stops a worker at a moment when it certainly holds leases: nothing it had sent before is still on its way.
    private func freezeHoldingLeases(_ worker: ProgramProcess, _ fleet: Fleet) async throws {
        let running = "SELECT count(*) FROM job_live WHERE state = 'running'"
        let busy = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'cloudoptim-worker' AND state = 'active'
            """
        try await Condition.holds(within: .seconds(30)) {
            guard try await fleet.count(running) > 0 else { return false }
            worker.signal(SIGSTOP)
            // What it had sent may still lie in a socket: three quiet looks in a row.
            var quiet = 0
            try await Condition.holds {
                quiet = try await fleet.count(busy) == 0 ? quiet + 1 : 0
                return quiet == 3
            }
            if try await fleet.count(running) > 0 { return true }
            worker.signal(SIGCONT)
            return false
        }
    }

    private func killHoldingLeases(_ worker: ProgramProcess, _ fleet: Fleet) async throws -> Date {
        try await freezeHoldingLeases(worker, fleet)
        worker.signal(SIGKILL)
        return try await fleet.pool.query("SELECT clock_timestamp()", [])[0].get(0)
    }

    private func expectEachOnce(_ ids: Set<String>, _ fleet: Fleet) async throws {
        try await Condition.holds(within: .seconds(60)) {
            try await fleet.count("SELECT count(*) FROM job_live WHERE tenant = 'acme'") == 0
        }
        #expect(ids.count == 1000)
        #expect(try await fleet.count("SELECT count(*) FROM job_result WHERE tenant = 'acme'") == 1000)
        #expect(try await fleet.count("SELECT count(DISTINCT id) FROM job_result WHERE tenant = 'acme'") == 1000)
        #expect(
            try await fleet.count("SELECT count(*) FROM job_result WHERE tenant = 'acme' AND state = 'succeeded'")
                == 1000
        )
    }

    private func expectRerun(within seconds: Double, of kill: Date, _ fleet: Fleet) async throws {
        let rows = try await fleet.pool.query(
            "SELECT min(r.started_at) FROM job_result r JOIN job_attempt a ON a.job_id = r.id WHERE a.outcome = 'lease_expired'",
            []
        )
        let rerun = try #require(try rows[0].get(0, as: Date?.self))
        #expect(rerun.timeIntervalSince(kill) <= seconds)
    }

    @Test("kill -9 of the worker with 1,000 decisions queued: a new worker gives 1,000 results, each once, within 15 s")
    func killedWorker() async throws {
        try await Fleet.with { fleet async throws in
            let ids = try await fleet.submitDecisions(1000)
            let first = try fleet.startWorker()
            let killed = try await killHoldingLeases(first, fleet)
            let second = try fleet.startWorker()

            try await expectEachOnce(ids, fleet)

            try await expectRerun(within: 15, of: killed, fleet)
            second.signal(SIGTERM)
            try await second.ended()
        }
    }

    @Test("FLUSHALL at the same moment: the same")
    func killedWorkerAndLostRedis() async throws {
        try await Fleet.with { fleet async throws in
            let ids = try await fleet.submitDecisions(1000)
            let first = try fleet.startWorker()
            let killed = try await killHoldingLeases(first, fleet)
            _ = try await fleet.redis.send(.init("FLUSHALL"))
            let second = try fleet.startWorker()

            try await expectEachOnce(ids, fleet)

            try await expectRerun(within: 15, of: killed, fleet)
            second.signal(SIGTERM)
            try await second.ended()
        }
    }

    @Test("with Redis killed for good, accepted decisions are answered all the same, and new ones are accepted")
    func withoutRedis() async throws {
        try await Fleet.with { fleet async throws in
            let worker = try fleet.startWorker()
            try await Condition.holds(within: .seconds(20)) {
                try await fleet.count("SELECT count(*) FROM worker") == 1
            }
            try await fleet.redisServer.stop(SIGKILL)

            let answer = try await fleet.post(
                "/api/v1/ml/decision/spot-optimize",
                #"{"cluster_state": {}, "requirements": {"cpu": 2, "memory_gb": 4, "region": "us-east-1"}}"#
            )

            #expect(answer.status == 200)
            #expect(try answer.json["recommendations"]?.array?.isEmpty == false)
            let health = try await fleet.get("/api/v1/ml/health")
            #expect(health.status == 200)
            #expect(try health.json["status"]?.string == "degraded")
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("a worker frozen longer than its lease wakes up to find its results refused")
    func frozenWorker() async throws {
        try await Fleet.with { fleet async throws in
            let ids = try await fleet.submitDecisions(1000)
            let frozen = try fleet.startWorker()
            try await freezeHoldingLeases(frozen, fleet)
            let healthy = try fleet.startWorker()
            try await Condition.holds(within: .seconds(60)) {
                try await fleet.count("SELECT count(*) FROM job_live WHERE tenant = 'acme'") == 0
            }
            frozen.signal(SIGCONT)
            try await Condition.holds(within: .seconds(10)) {
                frozen.log.contains("late result was refused") || frozen.log.contains("leases were lost")
            }
            try await expectEachOnce(ids, fleet)
            for worker in [frozen, healthy] {
                worker.signal(SIGTERM)
                try await worker.ended()
            }
        }
    }

    @Test("SIGTERM ends a busy worker within two seconds, and no job loses an attempt")
    func gracefulStop() async throws {
        try await Fleet.with { fleet async throws in
            let ids = try await fleet.submitDecisions(1000)
            let worker = try fleet.startWorker()
            try await Condition.holds(within: .seconds(30)) {
                try await fleet.count("SELECT count(*) FROM job_live WHERE state = 'running'") > 0
            }
            let start = ContinuousClock.now
            worker.signal(SIGTERM)
            try await worker.ended()
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(try await fleet.count("SELECT count(*) FROM job_live WHERE state = 'running'") == 0)
            #expect(try await fleet.count("SELECT count(*) FROM job_live WHERE attempt > 0") == 0)

            let next = try fleet.startWorker()
            try await expectEachOnce(ids, fleet)
            next.signal(SIGTERM)
            try await next.ended()
        }
    }
}
