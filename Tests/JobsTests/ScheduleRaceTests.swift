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

    /// A clock that only the test moves: jumps forward of up to half an hour, and now and then back by an hour.
    private static let span = 460
    private static let schedules: [(expression: String, zone: String)] =
        (0..<20).map { _ in ("* * * * *", "UTC") }
        + [
            ("* * * * *", "Europe/Berlin"), ("*/2 * * * *", "Australia/Lord_Howe"), ("1-59/3 * * * *", "Asia/Kathmandu"),
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
            let seen = Mutex<Set<Seen>>([])
            let isOver = Atomic(false)

            try await withThrowingTaskGroup { group in
                for number in 0..<3 {
                    let name = "scheduler-\(number)"
                    let pool = try Self.pool(world, name)
                    let generator = Mutex(Numbers(state: UInt64(number)))
                    let store = ScheduleStore(pool: pool) { step, transaction in
                        try await Self.strike(step, transaction, isOver, generator, seen)
                    }
                    group.addTask { await Self.schedule(store, pool, isOver, generator) }
                }
                group.addTask { try await Self.runClock(world, isOver) }
                try await group.waitForAll()
            }

            let end = Moment(
                try await world.pool.query("SELECT max(fire_time_utc) FROM schedule_fire")[0].get(0, as: Date.self)
            )
            #expect(end == Moment(seconds: start.seconds + Int64(Self.span) * 60))
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
                try await world.count("SELECT count(*) FROM schedule_fire f JOIN job_live j ON j.id = f.job_id") == expected
            )
            #expect(try await world.count("SELECT sum(accepted)::int8 FROM job_tally") == expected)
            let missing = FireStep.allCases.flatMap { step in Fault.allCases.map { Seen(step: step, fault: $0) } }
                .filter { seen in seen.step != .committed || seen.fault == .crash }
                .filter { fault in !seen.withLock { $0.contains(fault) } }
            #expect(missing.isEmpty)
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
        _ isOver: borrowing Atomic<Bool>,
        _ generator: borrowing Mutex<Numbers>
    ) async {
        while true {
            // Asked before: what was due then has been seen.
            let isLast = isOver.load(ordering: .sequentiallyConsistent)
            guard let due = try? await store.due(limit: 100) else { continue }
            if isLast, due.isEmpty { break }
            for id in generator.withLock({ due.shuffled(using: &$0) }) { _ = try? await store.fire(id) }
            if due.isEmpty { try? await Task.sleep(for: .milliseconds(2)) }
        }
        await pool.shutdown()
    }

    private static func strike(
        _ step: FireStep,
        _ transaction: PostgresTransaction?,
        _ isOver: borrowing Atomic<Bool>,
        _ generator: borrowing Mutex<Numbers>,
        _ seen: borrowing Mutex<Set<Seen>>
    ) async throws {
        // Each turn has five steps: most turns that meet no fault are needed to get on.
        guard generator.withLock({ Int.random(in: 0..<100, using: &$0) }) < 6 else { return }
        let draw = generator.withLock { Int.random(in: 0..<20, using: &$0) }
        let fault: Fault = draw < 8 ? .crash : draw < 14 ? .kill : draw < 18 ? .slow : .freeze
        seen.withLock { _ = $0.insert(Seen(step: step, fault: fault)) }
        switch fault {
        case .crash: throw Crash()
        case .kill: try await transaction?.query("SELECT pg_terminate_backend(pg_backend_pid())")
        case .slow: try await transaction?.query("SELECT pg_sleep(0.02)")
        case .freeze: if transaction != nil { try await Task.sleep(for: .milliseconds(300)) }
        }
    }

    private struct Crash: Error {}

    private static func runClock(_ world: ScheduleFixture, _ isOver: borrowing Atomic<Bool>) async throws {
        var generator = Numbers(state: 99)
        var now = 0
        while now < span {
            let isBack = now > 90 && Int.random(in: 0..<8, using: &generator) == 0
            let jump = isBack ? -60 : min(span - now, Int.random(in: 1...30, using: &generator))
            try await world.advance(minutes: jump)
            now += jump
            // Sessions die at any moment, in the middle of COMMIT too.
            try await world.pool.query(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'scheduler-' || $1
                """,
                [.text("\(Int.random(in: 0..<3, using: &generator))")]
            )
            try await Task.sleep(for: .milliseconds(Int.random(in: 10...80, using: &generator)))
        }
        isOver.store(true, ordering: .sequentiallyConsistent)
    }
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
