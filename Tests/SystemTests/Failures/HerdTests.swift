import Foundation
import Jobs
import Postgres
import Redis
import Support
import Testing

@Suite("Failure modes 10 and 11: herds", .serialized)
struct HerdTests {
    /// Sends one job of the lane at a time, `perSecond` times a second, until the body ends.
    private func probing(
        _ fleet: Fleet,
        tenant: String,
        lane: Lane,
        perSecond: Int,
        _ body: () async throws -> Void
    ) async throws {
        let probe = Task {
            let start = ContinuousClock.now
            var sent = 0
            while !Task.isCancelled {
                try await fleet.sendDrills(1, lane: lane, tenant: tenant)
                sent += 1
                try? await Task.sleep(until: start + .milliseconds(1000 / perSecond * sent))
            }
        }
        do {
            try await body()
        } catch {
            probe.cancel()
            throw error
        }
        probe.cancel()
        try await probe.value
    }

    /// Milliseconds that a tenant's jobs waited from their acceptance to their start.
    private func waits(_ fleet: Fleet, tenant: String) async throws -> (count: Int, p50: Double, p99: Double) {
        try await Condition.holds(within: .seconds(60)) {
            try await fleet.count("SELECT count(*) FROM live_job WHERE tenant = '\(tenant)'") == 0
        }
        let rows = try await fleet.pool.query(
            """
            SELECT count(*), coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY wait), 0),
                coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY wait), 0)
            FROM (SELECT (extract(epoch FROM started_at - accepted_at) * 1000)::float8 AS wait
                  FROM ended_job WHERE tenant = $1) w
            """,
            [.text(tenant)]
        )
        return (Int(try rows[0].get(0, as: Int64.self)), try rows[0].get(1), try rows[0].get(2))
    }

    private func batchLeft(_ fleet: Fleet) async throws -> Int {
        try await fleet.count(
            "SELECT count(*) FROM (SELECT FROM live_job WHERE lane = 'batch' LIMIT 1) found"
        )
    }

    @Test(
        "jobs that are all due in one second: no Redis call over 5 ms, interactive waits as with the same load without a herd"
    )
    func herd() async throws {
        let soak = Soak("due-herd")
        let server = try await PrivateServers.startPostgres(isDurable: soak.isLong)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let jobs = soak.size(10_000, 1_000_000)
            var found: [String: (count: Int, p50: Double, p99: Double)] = [:]
            var slow: [String] = []
            if soak.isLong { soak.say(try await favourRedis(fleet)) }
            for phase in ["queue", "herd"] {
                // Both times the same number of jobs: once queued at once, once due at once.
                if phase == "queue" {
                    try await fleet.fill(jobs, tenant: phase)
                } else {
                    let due = Date(timeIntervalSinceNow: soak.isLong ? 40 : 3)
                    try await fleet.fill(jobs, tenant: phase, runAt: "\(due)")
                    _ = try await fleet.redis.send(RedisCommand("CONFIG", "SET", "slowlog-log-slower-than", "5000"))
                    _ = try await fleet.redis.send(RedisCommand("SLOWLOG", "RESET"))
                    try await Condition.holds(within: .seconds(60)) {
                        try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'queued'") > 0
                    }
                }
                let start = ContinuousClock.now
                try await probing(fleet, tenant: "probe-\(phase)", lane: .interactive, perSecond: 20) {
                    var next = ContinuousClock.now + .seconds(20)
                    try await Condition.holds(within: .seconds(1500)) {
                        if next < .now {
                            soak.say("\(phase): \(try await fleet.count("SELECT count(*) FROM live_job")) left")
                            next = .now + .seconds(20)
                        }
                        try await Task.sleep(for: .milliseconds(100))
                        return try await batchLeft(fleet) == 0
                    }
                }
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                found[phase] = try await waits(fleet, tenant: "probe-\(phase)")
                if let it = found[phase] {
                    soak.say(
                        "\(phase): \(jobs) jobs in \(seconds) s, interactive waits p50 \(it.p50) ms, p99 \(it.p99) ms of \(it.count)"
                    )
                }
            }
            let reply = try await fleet.redis.send(RedisCommand("SLOWLOG", "GET", "20"))
            for entry in reply.array ?? [] {
                let words = (entry.array?[3].array ?? []).prefix(2).compactMap(\.string).joined(separator: " ")
                slow.append("\(entry.array?[2].int ?? 0) µs \(words.prefix(60))")
            }
            soak.say("redis calls over 5 ms: \(slow.isEmpty ? "none" : slow.joined(separator: "; "))")
            let (queue, herd) = (try #require(found["queue"]), try #require(found["herd"]))
            if soak.isLong {
                #expect(slow.isEmpty)
                #expect(herd.p99 <= queue.p99 * 1.2)
            } else {
                // A few seconds on a machine that others use: the order of magnitude.
                #expect(slow.count < 3)
                #expect(herd.p99 <= queue.p99 * 2 + 500)
            }
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }

    /// Gives Redis the processor as soon as it asks for it, as on a machine of its own.
    ///
    /// Redis takes the time of a call by the clock. Here a dozen busy processes share two cores: without this, the figure
    /// is how long the kernel let it wait.
    private func favourRedis(_ fleet: Fleet) async throws -> String {
        let info = try await fleet.redis.send(RedisCommand("INFO", "server")).string ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
        let process = line.flatMap { id_t($0.dropFirst("process_id:".count)) }
        guard let process, setpriority(__priority_which_t(PRIO_PROCESS.rawValue), process, -15) == 0 else {
            return "Redis shares the processors with everything else: its times are the machine's"
        }
        return "Redis has the processor before others"
    }

    @Test(
        "one tenant submits a flood, another ten a second: the small one waits at most twice as long as alone, and 500 ms"
    )
    func noisyTenant() async throws {
        let soak = Soak("noisy-tenant")
        let server = try await PrivateServers.startPostgres(isDurable: soak.isLong)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let seconds = soak.size(4, 60)
            try await probing(fleet, tenant: "alone", lane: .batch, perSecond: 10) {
                try await Task.sleep(for: .seconds(seconds))
            }
            let alone = try await waits(fleet, tenant: "alone")
            soak.say("alone: p50 \(alone.p50) ms, p99 \(alone.p99) ms of \(alone.count)")

            try await fleet.fill(soak.size(20_000, 1_000_000), tenant: "noisy")
            try await probing(fleet, tenant: "small", lane: .batch, perSecond: 10) {
                let end = ContinuousClock.now + .seconds(seconds * 5)
                try await Condition.holds(within: .seconds(seconds * 6)) {
                    try await Task.sleep(for: .milliseconds(100))
                    if end < .now { return true }
                    return try await batchLeft(fleet) == 0
                }
            }
            let left = try await fleet.count("SELECT count(*) FROM live_job WHERE tenant = 'noisy'")
            let small = try await waits(fleet, tenant: "small")
            soak.say(
                "beside a flood: p50 \(small.p50) ms, p99 \(small.p99) ms of \(small.count); \(left) of the flood left"
            )
            #expect(small.count > 5)
            #expect(small.p99 <= 2 * alone.p99 + 500)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }
}
