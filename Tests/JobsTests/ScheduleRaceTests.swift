import Calendar
import FoundationEssentials
import Jobs
import Postgres
import Support
import Synchronization
import Testing

@Suite("Racing schedulers")
struct ScheduleRaceTests {
    /// What happens to a scheduler between two steps of a fire.
    private enum Fault: CaseIterable {
        /// The process dies: nothing more is sent.
        case crash
        /// The server ends the session.
        case kill
        /// The server is slow.
        case slow
        /// The process is frozen with its locks held, until the server takes them away.
        case freeze
    }

    private struct Seen: Hashable {
        let step: FireStep
        let fault: Fault
    }

    private final class Chaos: Sendable {
        private let seen = Mutex<[Seen: Int]>([:])
        let isOver = Atomic(false)

        /// The fault that this step has met least often so far.
        func next(at step: FireStep) -> Fault {
            // After COMMIT nothing is left but to die.
            let faults = step == .committed ? [Fault.crash] : Fault.allCases
            return seen.withLock { seen in
                func count(_ fault: Fault) -> Int { seen[Seen(step: step, fault: fault)] ?? 0 }
                let fault = faults.min { count($0) < count($1) } ?? .crash
                seen[Seen(step: step, fault: fault), default: 0] += 1
                return fault
            }
        }

        var fewest: Int {
            seen.withLock { seen in
                FireStep.allCases.flatMap { step in Fault.allCases.map { Seen(step: step, fault: $0) } }
                    .filter { $0.step != .committed || $0.fault == .crash }
                    .map { seen[$0] ?? 0 }.min() ?? 0
            }
        }
    }

    /// A clock that only the test moves: jumps forward of up to twenty minutes, and now and then back by an hour.
    private static let span = 460
    private static let schedules: [(expression: String, zone: String)] =
        (0..<20).map { _ in ("* * * * *", "UTC") }
        + [
            ("* * * * *", "Europe/Berlin"), ("*/2 * * * *", "Australia/Lord_Howe"),
            ("1-59/3 * * * *", "Asia/Kathmandu"),
            ("*/15 * * * *", "Europe/Berlin"), ("30 2 * * *", "Europe/Berlin"), ("* * * * *", "America/New_York"),
            ("* * * * *", "Antarctica/Troll"), ("7,11,13 * * * *", "Africa/Casablanca"),
        ]

    @Test("three schedulers, crashed, killed, slowed and frozen at every step: each fire makes exactly one job")
    func exactlyOnce() async throws {
        // The night in which Berlin and Troll put their clocks forward lies within.
        let start = CivilTime(2026, 3, 28, 20)
        try await ScheduleFixture.with(startingAt: start) { world async throws in
            var ids: [UUID] = []
            for (index, schedule) in Self.schedules.enumerated() {
                ids.append(
                    try await world.create(schedule.expression, name: "s\(index)", timeZone: schedule.zone) {
                        $0.catchUp = .all(limit: 10_000)
                    }
                )
            }
            let chaos = Chaos()

            try await withThrowingTaskGroup { group in
                for number in 0..<3 {
                    let name = "scheduler-\(number)"
                    let pool = try Self.pool(world, name)
                    let dice = Dice(seed: UInt64(number))
                    let store = ScheduleStore(pool: pool) { step, transaction in
                        try await Self.strike(step, transaction, chaos, dice)
                    }
                    group.addTask { await Self.schedule(store, pool, chaos, dice) }
                }
                group.addTask { try await Self.runClock(world, chaos, Dice(seed: 99)) }
                try await group.waitForAll()
            }

            let end = Moment(
                try await world.pool.query("SELECT max(fire_time_utc) FROM schedule_fire")[0].get(0, as: Date.self)
            )
            #expect(end == (try await world.store.now()))
            var expected = 0
            for (id, schedule) in zip(ids, Self.schedules) {
                let recurrence = Recurrence(
                    try CronExpression(schedule.expression),
                    zone: try world.store.zones.zone(schedule.zone)
                )
                let fires = recurrence.fires(after: Moment(seconds: start.seconds), through: end)
                let rows = try await world.pool.query(
                    "SELECT fire_time_utc FROM schedule_fire WHERE schedule_id = $1 AND job_id IS NOT NULL ORDER BY 1",
                    [.uuid(id)]
                )
                #expect(try rows.map { Moment(try $0.get(0, as: Date.self)) } == fires)
                let stored = try await world.store.schedule(id)
                #expect(stored.fired == fires.count)
                #expect(stored.dropped == 0)
                expected += fires.count
            }
            #expect(expected >= 10_000)
            #expect(try await world.count("SELECT count(*) FROM job_live") == expected)
            #expect(try await world.count("SELECT count(DISTINCT request_id || payload) FROM job_live") == expected)
            #expect(
                try await world.count("SELECT count(*) FROM schedule_fire f JOIN job_live j ON j.id = f.job_id")
                    == expected
            )
            #expect(try await world.count("SELECT sum(accepted)::int8 FROM job_tally_now") == expected)
            #expect(chaos.fewest >= 2)
        }
    }

    private static func pool(_ world: ScheduleFixture, _ name: String) throws -> PostgresPool {
        var configuration = world.configuration
        configuration.applicationName = name
        // A frozen scheduler loses its locks soon, as in life after eight seconds.
        configuration.parameters["options", default: ""] += " -c idle_in_transaction_session_timeout=150"
        return try PostgresPool(configuration: configuration, size: 2, logger: ScheduleFixture.logger)
    }

    /// One scheduler: whatever fails, it comes back.
    private static func schedule(
        _ store: ScheduleStore,
        _ pool: PostgresPool,
        _ chaos: Chaos,
        _ dice: Dice
    ) async {
        while true {
            // Asked before: what was due then has been seen.
            let isLast = chaos.isOver.load(ordering: .sequentiallyConsistent)
            guard let due = try? await store.due(limit: 100) else { continue }
            if isLast, due.isEmpty { break }
            var rest = dice.shuffled(due)[...]
            while !rest.isEmpty {
                let count = dice.roll(1...4)
                _ = try? await store.fire(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            if due.isEmpty { try? await Task.sleep(for: .milliseconds(2)) }
        }
        await pool.shutdown()
    }

    private static func strike(
        _ step: FireStep,
        _ transaction: PostgresTransaction?,
        _ chaos: Chaos,
        _ dice: Dice
    ) async throws {
        // Each turn has five steps: most turns must meet no fault, or the night never ends.
        guard dice.roll(0...99) < 12 else { return }
        let fault = chaos.next(at: step)
        switch fault {
        case .crash: throw Crash()
        case .kill: try await transaction?.query("SELECT pg_terminate_backend(pg_backend_pid())")
        case .slow: try await transaction?.query("SELECT pg_sleep(0.02)")
        case .freeze: try await Task.sleep(for: .milliseconds(250))
        }
    }

    private struct Crash: Error {}

    private static func runClock(_ world: ScheduleFixture, _ chaos: Chaos, _ dice: Dice) async throws {
        var now = 0
        var highest = 0
        // On until every fault has been met, however slow the machine; but not for ever.
        while now < max(span, highest) || (chaos.fewest < 2 && now < 4 * span) {
            let isBack = now > 90 && dice.roll(0...7) == 0
            let jump = isBack ? -60 : dice.roll(1...20)
            try await world.advance(minutes: jump)
            now += jump
            highest = max(highest, now)
            // Sessions die at any moment, in the middle of COMMIT too.
            try await world.pool.query(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'scheduler-' || $1
                """,
                [.text("\(dice.roll(0...2))")]
            )
            try await Task.sleep(for: .milliseconds(dice.roll(10...80)))
        }
        chaos.isOver.store(true, ordering: .sequentiallyConsistent)
    }
}

private final class Dice: Sendable {
    private let numbers: Mutex<Numbers>

    init(seed: UInt64) { numbers = Mutex(Numbers(state: seed)) }

    func roll(_ range: ClosedRange<Int>) -> Int { numbers.withLock { Int.random(in: range, using: &$0) } }
    func shuffled(_ ids: [UUID]) -> [UUID] { numbers.withLock { ids.shuffled(using: &$0) } }
}

/// SplitMix64: the same faults for the same seed.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
