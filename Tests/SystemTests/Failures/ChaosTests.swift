import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Redis
import Support
import Synchronization
import Testing

@Suite("Chaos: everything breaks, over and over", .serialized)
struct ChaosTests {
    @Test(
        "jobs of all sorts while processes, Redis and PostgreSQL are killed, frozen and emptied: nothing lost, nothing twice"
    )
    func chaos() async throws {
        let soak = Soak("chaos")
        let server = try await PrivateServers.startPostgres(isDurable: true)
        try await Fleet.with(settings: Fleet.faults, load: [], postgres: server) { fleet async throws in
            // The crew takes over: whatever dies is started again, on the same ports.
            for process in [fleet.api, fleet.scheduler] {
                process.signal(SIGTERM)
                try await process.ended()
            }
            try await Crew.with { crew async throws in
                let places = try await ChaosPlaces.fill(crew, fleet.environment)
                let crowd = try await ChaosCrowd(fleet, soak, bases: places)
                let report = Task {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(20))
                        let ended = (try? await fleet.count("SELECT count(*) FROM ended_job")) ?? -1
                        soak.say("\(crowd.line), ended \(ended), starts \(await crew.startsByPost)")
                    }
                }
                defer { report.cancel() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await crowd.run() }
                    group.addTask {
                        var monkey = ChaosMonkey(fleet: fleet, server: server, crew: crew, soak: soak)
                        repeat { try await monkey.strike() } while !crowd.isDone
                        // Whoever is frozen wakes; all the rest has to come back without hands.
                        await crew.wakeAll()
                    }
                    try await group.waitForAll()
                }
                soak.say("peace: \(crowd.line), \(await crew.starts) starts")
                try await fleet.waitUntilDrained(within: .seconds(soak.size(120, 600)))
                try await crowd.expectPromisesKept()
                try await fleet.expectConservation()
                soak.say(try await ChaosCrowd.summary(fleet))
            }
        }
        try await server.stop(SIGQUIT)
    }
}

/// Who is there to be killed: two API processes, three workers, two schedulers.
private enum ChaosPlaces {
    /// - Returns: Where the API processes answer.
    static func fill(_ crew: Crew, _ environment: [String: String]) async throws -> [String] {
        var bases: [String] = []
        for _ in 0..<2 {
            var own = environment
            // Below the range that the kernel gives to connections: it must be free again after every death.
            for name in ["ML_SERVER_PORT", "FRONTEND_PORT", "METRICS_PORT"] {
                own[name] = "\(Int.random(in: 20_000..<30_000))"
            }
            bases.append("http://127.0.0.1:\(own["ML_SERVER_PORT"] ?? "")")
            try await crew.add("cloudoptim-api", environment: own)
        }
        for _ in 0..<3 { try await crew.add("cloudoptim-worker", environment: environment) }
        for _ in 0..<2 { try await crew.add("cloudoptim-scheduler", environment: environment) }
        return bases
    }
}

/// Breaks one thing after another.
private struct ChaosMonkey {
    let fleet: Fleet
    let server: PrivatePostgres
    let crew: Crew
    let soak: Soak
    private var dice: SeededGenerator

    init(fleet: Fleet, server: PrivatePostgres, crew: Crew, soak: Soak) {
        self.fleet = fleet
        self.server = server
        self.crew = crew
        self.soak = soak
        dice = SeededGenerator(seed: soak.seed)
    }

    /// One blow, and a pause of a few seconds.
    mutating func strike() async throws {
        let post = Int.random(in: 0..<7, using: &dice)
        switch Int.random(in: 0..<20, using: &dice) {
        case 0..<9:
            soak.say("kill -9 \(await crew.program(post)) \(post)")
            await crew.signal(post, SIGKILL)
        case 9..<13:
            let seconds = [1, 4, 12][Int.random(in: 0..<3, using: &dice)]
            soak.say("freeze \(await crew.program(post)) \(post) for \(seconds) s")
            await crew.signal(post, SIGSTOP)
            let crew = crew
            Task {
                try? await Task.sleep(for: .seconds(seconds))
                await crew.signal(post, SIGCONT)
            }
        case 13..<15:
            soak.say("FLUSHALL")
            _ = try? await fleet.redis.send(RedisCommand("FLUSHALL"))
        case 15..<17:
            let seconds = Int.random(in: 0..<6, using: &dice)
            soak.say("kill -9 redis, back after \(seconds) s")
            try await fleet.redisServer.stop(SIGKILL)
            try await Task.sleep(for: .seconds(seconds))
            try await fleet.redisServer.start()
        case 17..<19:
            let signal = Bool.random(using: &dice) ? SIGQUIT : SIGINT
            let seconds = Int.random(in: 0..<4, using: &dice)
            soak.say("stop postgres with signal \(signal), back after \(seconds) s")
            try await server.stop(signal)
            try await Task.sleep(for: .seconds(seconds))
            try await server.start()
        default:
            let seconds = [2, 11][Int.random(in: 0..<2, using: &dice)]
            soak.say("freeze postgres for \(seconds) s")
            server.freeze()
            try await Task.sleep(for: .seconds(seconds))
            server.thaw()
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 1000...5000, using: &dice)))
    }
}

/// The callers: they send jobs of all sorts, repeat themselves, change their minds, and keep what they were promised.
private final class ChaosCrowd: Sendable {
    private struct State {
        var sent = 0
        var promised: [String: JobID] = [:]  // by idempotency key
        var broken: [String] = []  // keys that were answered with two different ids
        var cancelled: Set<JobID> = []
        var refusals = 0
        var done = false
    }

    private let fleet: Fleet
    private let soak: Soak
    private let bases: [String]
    private let key: String
    private let wanted: Int
    private let state = Mutex(State())

    init(_ fleet: Fleet, _ soak: Soak, bases: [String]) async throws {
        self.fleet = fleet
        self.soak = soak
        self.bases = bases
        key = try await fleet.makeKey(tenant: Fleet.drillTenant, scopes: "submit,read,admin")
        wanted = soak.size(3000, 100_000)
    }

    var isDone: Bool { state.withLock(\.done) }

    var line: String {
        state.withLock {
            "\($0.promised.count) of \(wanted) accepted, \($0.refusals) refusals, \($0.cancelled.count) cancelled"
        }
    }

    func run() async throws {
        // The long form spreads its jobs over the time it is given, so that every blow meets work.
        let end = ContinuousClock.now + (soak.isLong ? soak.minutes(20) : .seconds(25))
        let start = ContinuousClock.now
        let batch = soak.isLong ? 50 : 20
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    var dice = SeededGenerator(seed: self.soak.seed &+ UInt64(sender) &+ 1)
                    for number in stride(from: sender * batch, to: self.wanted, by: 4 * batch) {
                        let due = start + (end - start) * Double(number) / Double(self.wanted)
                        try? await Task.sleep(until: due)
                        await self.send(number..<min(number + batch, self.wanted), &dice)
                    }
                }
            }
            try await group.waitForAll()
        }
        state.withLock { $0.done = true }
    }

    /// Sends a batch until every job of it is accepted; sometimes once more; cancels some.
    private func send(_ numbers: Range<Int>, _ dice: inout SeededGenerator) async {
        let items = numbers.map { number in Self.item(number, seed: soak.seed, &dice) }
        let body = Array(#"{"jobs":[\#(items.joined(separator: ","))]}"#.utf8)
        let again = Int.random(in: 0..<10, using: &dice) == 0
        var base = Int.random(in: 0..<bases.count, using: &dice)
        var left = again ? 2 : 1
        while left > 0 {
            if await accepted(body, numbers, to: bases[base]) {
                left -= 1
            } else {
                state.withLock { $0.refusals += 1 }
                try? await Task.sleep(for: .milliseconds(200))
            }
            base = (base + 1) % bases.count
        }
        for number in numbers where Int.random(in: 0..<50, using: &dice) == 0 {
            guard let id = state.withLock({ $0.promised["key \(soak.seed) \(number)"] }) else { continue }
            // Noted first: a cancel whose answer was lost may have been done.
            state.withLock { _ = $0.cancelled.insert(id) }
            _ = try? await fleet.ledger.cancel(id, tenant: nil)
        }
    }

    /// Whether all jobs of the batch were accepted; what was is noted.
    private func accepted(_ body: [UInt8], _ numbers: Range<Int>, to base: String) async -> Bool {
        guard
            let answer = try? await fleet.send("POST", "/api/v1/ml/jobs:batch", key: key, body: body, to: base),
            answer.status == 202, let jobs = try? answer.json["jobs"]?.array, jobs.count == numbers.count
        else { return false }
        var all = true
        for (number, job) in zip(numbers, jobs) {
            guard let id = job["job_id"]?.string.flatMap({ JobID($0) }) else {
                all = false
                continue
            }
            let key = "key \(soak.seed) \(number)"
            state.withLock { state in
                if let known = state.promised[key], known != id { state.broken.append(key) }
                state.promised[key] = id
            }
        }
        return all
    }

    /// A job of one sort or another.
    private static func item(_ number: Int, seed: UInt64, _ dice: inout SeededGenerator) -> String {
        var payload = "{}"
        var more = ""
        switch Int.random(in: 0..<1000, using: &dice) {
        case 0..<50: payload = #"{"seconds":\#(Int.random(in: 1...3, using: &dice))}"#
        case 50..<250: payload = #"{"seconds":0.05}"#
        case 250..<255: payload = #"{"children":\#(Int.random(in: 0...20, using: &dice))}"#
        case 255..<258: payload = #"{"children":5,"child":"{\"fault\":\"fail\"}"}"#
        case 258..<280: payload = #"{"fault":"snooze","until":1}"#
        case 280..<300: payload = #"{"fault":"retry","until":1}"#
        case 300..<310: payload = #"{"fault":"rate_limit","until":1}"#
        case 310..<360:
            let due = Date(timeIntervalSinceNow: Double(Int.random(in: 1...20, using: &dice)))
            more = #","run_at":"\#(due.ISO8601Format())""#
        default: break
        }
        let lane = ["critical", "interactive", "batch", "bulk"][Int.random(in: 0..<4, using: &dice)]
        return
            #"{"kind":"drill.noop","payload":\#(payload),"lane":"\#(lane)","idempotency_key":"key \#(seed) \#(number)"\#(more)}"#
    }

    /// Every accepted job has ended, once; who was not cancelled has not ended as cancelled.
    func expectPromisesKept() async throws {
        let (promised, broken, cancelled) = state.withLock { ($0.promised, $0.broken, $0.cancelled) }
        #expect(promised.count == wanted)
        #expect(broken.isEmpty, "one key, two jobs")
        let ids = Array(Set(promised.values))
        #expect(ids.count == wanted)
        var states: [String: Int] = [:]
        var strange: [String] = []
        for start in stride(from: 0, to: ids.count, by: 5000) {
            let rows = try await fleet.pool.query(
                """
                SELECT r.id, r.state::text, coalesce(r.error, '')
                FROM unnest($1::uuid[]) AS i(id) JOIN job_result r ON r.day = uuid_v7_day(i.id) AND r.id = i.id
                """,
                [.uuids(ids[start..<min(start + 5000, ids.count)].map(\.uuid))]
            )
            for row in rows {
                let id = JobID(try row.get(0, as: UUID.self))
                let state = try row.get(1, as: String.self)
                let error = try row.get(2, as: String.self)
                states[state, default: 0] += 1
                let isFine =
                    state == "succeeded" || (state == "cancelled" && cancelled.contains(id))
                    || (state == "failed" && error.contains("children_failed"))
                if !isFine { strange.append("\(id) \(state) \(error.prefix(200))") }
            }
        }
        soak.say("ends: \(states)")
        #expect(states.values.reduce(0, +) == wanted, "jobs that were promised and have no end")
        #expect(strange.isEmpty, "\(strange.count): \(strange.prefix(5))")
    }

    static func summary(_ fleet: Fleet) async throws -> String {
        let rows = try await fleet.pool.query(
            """
            SELECT (SELECT count(*) FROM ended_job), (SELECT count(*) FROM ended_job WHERE parent_id IS NOT NULL),
                (SELECT count(*) FROM failed_attempt WHERE outcome = 'lease_expired'),
                (SELECT count(*) FROM ended_job WHERE crash_count >= 2),
                (SELECT coalesce(max(crash_count), 0) FROM ended_job), (SELECT generation FROM doorbell)
            """,
            []
        )
        let row = rows[0]
        return """
            \(try row.get(0, as: Int64.self)) jobs ended, \(try row.get(1, as: Int64.self)) of them children; \
            \(try row.get(2, as: Int64.self)) attempts lost their worker, \(try row.get(3, as: Int64.self)) jobs ran alone, \
            at most \(try row.get(4, as: Int64.self)) crashes; doorbell generation \(try row.get(5, as: Int64.self))
            """
    }
}
