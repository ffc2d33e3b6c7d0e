import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Redis
import Support
import Testing

@Suite("Failure mode 16: a backlog of millions", .serialized)
struct BacklogTests {
    private struct Look {
        let backlog: Int
        let redisBytes: Int
        let accept: Sample
    }

    /// Accepts one job after another, as interactive callers do, and looks at Redis.
    private func look(_ fleet: Fleet, backlog: Int, accepts: Int, key: String) async throws -> Look {
        // The keeper fills its window and publishes the backlog within its next turns.
        try await Condition.holds(within: .seconds(30)) {
            let length = try await fleet.redis.send(RedisCommand("XLEN", DoorbellKeys().stream(.batch))).int ?? 0
            return length >= min(backlog, 100)
        }
        var sample = Sample()
        for _ in 0..<accepts {
            let start = ContinuousClock.now
            let answer = try await fleet.send(
                "POST",
                "/api/v1/ml/jobs",
                key: key,
                body: Array(#"{"kind":"drill.noop","payload":{},"lane":"bulk"}"#.utf8)
            )
            #expect(answer.status == 202)
            sample.add((ContinuousClock.now - start).milliseconds)
        }
        return Look(
            backlog: backlog,
            redisBytes: try await fleet.redisNumber("memory", "used_memory_dataset"),
            accept: sample
        )
    }

    @Test(
        "Redis' memory and the time to accept do not grow with the backlog, and another tenant's jobs are not behind it"
    )
    func backlog() async throws {
        let soak = Soak("backlog")
        let server = try await PrivateServers.startPostgres(isDurable: soak.isLong)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let key = try await fleet.makeKey(tenant: "small", scopes: "submit,read,admin")
            let accepts = soak.size(100, 1000)
            _ = try await look(fleet, backlog: 0, accepts: 50, key: key)
            var looks: [Look] = []
            var filled = 0
            for backlog in soak.isLong ? [0, 10_000, 1_000_000, soak.size(0, 10_000_000)] : [1000, 100_000] {
                let start = ContinuousClock.now
                // A million at a time, with a word about each.
                while filled < backlog {
                    let part = min(1_000_000, backlog - filled)
                    try await fleet.fill(part, tenant: "large")
                    filled += part
                    soak.say("\(filled) queued after \(Int((ContinuousClock.now - start) / .seconds(1))) s")
                }
                let look = try await look(fleet, backlog: backlog, accepts: accepts, key: key)
                looks.append(look)
                soak.say(
                    """
                    backlog \(backlog): redis dataset \(look.redisBytes / 1024) KiB, accept p50 \
                    \(look.accept.percentile(0.5)) ms, p99 \(look.accept.percentile(0.99)) ms
                    """
                )
            }
            // From the first with a full window on: what grows with the backlog would have grown a hundredfold.
            let full = looks.filter { $0.backlog >= 1000 }
            for look in full {
                #expect(look.redisBytes < full[0].redisBytes * 3 / 2 + 1 << 20)
                #expect(look.accept.percentile(0.5) < looks[0].accept.percentile(0.5) * 2 + 5)
            }
            try await expectFairOrder(fleet, soak)
            try await fleet.expectConservation()
        }
        try await server.stop(SIGQUIT)
    }

    /// A newcomer's jobs share the lane from their first moment, and the backlog itself is drained in its order.
    private func expectFairOrder(_ fleet: Fleet, _ soak: Soak) async throws {
        let worker = try fleet.startWorker()
        try await fleet.waitForWorkers(1)
        let start = ContinuousClock.now
        let ids = try await fleet.sendDrills(200, tenant: "newcomer")
        try await Condition.holds(within: .seconds(60)) { try await fleet.ledger.ended(among: ids).count == ids.count }
        let drained = try await fleet.count("SELECT count(*) FROM ended_job WHERE tenant = 'large'")
        soak.say(
            """
            200 jobs of a newcomer ended after \((ContinuousClock.now - start) / .seconds(1)) s, with \(drained) of the \
            backlog
            """
        )
        // Half of the turns are its own; a window of what was rung before it came, and what runs, come on top.
        #expect(drained < 20_000)
        worker.signal(SIGTERM)
        try await worker.ended()
        // In order: beyond a few windows, nothing later has overtaken what still waits.
        let overtaken = try await fleet.count(
            """
            SELECT count(*) FROM (
                SELECT max(accepted_at) AS latest FROM ended_job WHERE tenant = 'large') done,
                (SELECT accepted_at FROM live_job WHERE tenant = 'large' ORDER BY vtime OFFSET 60000 LIMIT 1) waiting
            WHERE waiting.accepted_at < done.latest
            """
        )
        #expect(overtaken == 0)
    }
}
