import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Redis
import Support
import Testing

@Suite("Failure modes 3 to 6: what can happen to Redis", .serialized)
struct RedisLossTests {
    /// Sends drills all the time while `body` does its worst; then everything must have ended, once.
    private func underLoad(
        _ fleet: Fleet,
        _ body: () async throws -> Void
    ) async throws {
        let sender = Task {
            var ids: [JobID] = []
            while !Task.isCancelled {
                ids += try await fleet.sendDrills(20)
                ids += try await fleet.sendDrills(1, payload: #"{"seconds":0.2}"#)
                try? await Task.sleep(for: .milliseconds(50))
            }
            return ids
        }
        do {
            try await body()
        } catch {
            sender.cancel()
            throw error
        }
        sender.cancel()
        let ids = try await sender.value
        try await fleet.waitUntilDrained()
        try await fleet.expectAll(ids)
        try await fleet.expectConservation()
    }

    private func ended(_ fleet: Fleet) async throws -> Int {
        try await fleet.count("SELECT count(*) FROM ended_job")
    }

    @Test("FLUSHALL under load, three times: ringing again within five seconds, every job ends once")
    func flushed() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await underLoad(fleet) {
                for _ in 0..<3 {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 200...1200)))
                    _ = try await fleet.redis.send(RedisCommand("FLUSHALL"))
                    try await Condition.holds(within: .seconds(5)) { await fleet.isRinging() }
                }
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    /// A dataset restored from before is what a replica that lagged behind serves after a fail-over.
    @Test("kill -9 of Redis under load, back empty or with an old dataset: the same", arguments: [false, true])
    func killed(_ withOldData: Bool) async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await underLoad(fleet) {
                try await Condition.holds { await fleet.isRinging() }
                if withOldData { _ = try await fleet.redis.send(RedisCommand("SAVE")) }
                let before = try await ended(fleet)
                try await Condition.holds(within: .seconds(20)) { try await ended(fleet) > before + 100 }
                try await fleet.redisServer.stop(SIGKILL)
                try await fleet.redisServer.start()
                let generation = try await fleet.ledger.doorbell().generation
                try await Condition.holds(within: .seconds(5)) {
                    guard await fleet.isRinging() else { return false }
                    return try await fleet.ledger.doorbell().generation > (withOldData ? generation : 0)
                }
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("a restart under blocked reads, then scripts and groups gone: a job ends within five seconds each time")
    func restarted() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await Condition.holds { await fleet.isRinging() }
            for blow in ["restart", "scripts", "groups"] {
                switch blow {
                case "restart":
                    try await fleet.redisServer.stop(SIGKILL)
                    try await fleet.redisServer.start()
                case "scripts": _ = try await fleet.redis.send(RedisCommand("SCRIPT", "FLUSH"))
                default:
                    for lane in Lane.allCases {
                        _ = try await fleet.redis.send(
                            RedisCommand("XGROUP", "DESTROY", DoorbellKeys().stream(lane), DoorbellKeys().group)
                        )
                    }
                }
                let ids = try await fleet.sendDrills(1)
                try await Condition.holds(within: .seconds(5)) {
                    try await fleet.ledger.ended(among: ids).count == 1
                }
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test(
        "Redis that takes connections and never answers: degraded, quiet logs, work goes on; used again within five seconds"
    )
    func blackHole() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await Condition.holds { await fleet.isRinging() }
            let lines = worker.log.split(separator: "\n").count
            let start = ContinuousClock.now
            fleet.redisServer.pause()

            try await Condition.holds(within: .seconds(15)) {
                try await fleet.get("/health").json["status"]?.string == "degraded"
            }
            #expect(try await fleet.get("/health").status == 200)
            let ids = try await fleet.sendDrills(50)
            try await Condition.holds(within: .seconds(30)) { try await fleet.ledger.ended(among: ids).count == 50 }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let said = worker.log.split(separator: "\n").count - lines
            #expect(Double(said) / seconds < 10, "\(said) lines in \(seconds) s")

            fleet.redisServer.resume()
            try await Condition.holds(within: .seconds(5)) {
                worker.log.contains("redis answers again") || !worker.log.contains("redis does not answer")
            }
            let next = try await fleet.sendDrills(1)
            try await Condition.holds(within: .seconds(5)) { try await fleet.ledger.ended(among: next).count == 1 }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("Redis out of memory: accepting goes on, and after relief everything drains without hands")
    func outOfMemory() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await Condition.holds { await fleet.isRinging() }
            _ = try await fleet.redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))

            let ids = try await fleet.sendDrills(1000)
            #expect(Set(ids).count == 1000)
            #expect(try await fleet.get("/health").status == 200)
            _ = try await fleet.redis.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))

            try await fleet.waitUntilDrained(within: .seconds(45))
            try await fleet.expectAll(ids)
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("a Redis that may evict is refused at the start, by every program")
    func evicting() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            _ = try await fleet.redis.send(RedisCommand("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"))
            for program in ["cloudoptim-api", "cloudoptim-worker", "cloudoptim-scheduler"] {
                var environment = fleet.environment
                for name in ["ML_SERVER_PORT", "FRONTEND_PORT"] { environment[name] = "\(try LoopbackPort.free())" }
                let (status, output) = try await ProgramProcess.run(program, [], environment: environment)
                #expect(status == 1, "\(program): \(output)")
                #expect(output.contains("allkeys-lru") && output.contains("noeviction"), "\(program): \(output)")
            }
        }
    }
}
