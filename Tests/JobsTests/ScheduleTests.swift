import Calendar
import FoundationEssentials
import Jobs
import Postgres
import Testing

@Suite("Schedules")
struct ScheduleTests {
    @Test(
        "what could never fire is refused when it is created",
        arguments: [
            ("0 0 30 2 *", "UTC", "never fires"), ("* * * *", "UTC", "five fields"),
            ("* * * * *", "Mars/Base", "time zone"),
        ]
    )
    func refused(_ expression: String, _ zone: String, _ word: String) async throws {
        try await ScheduleFixture.with { world async throws in
            let error = await #expect(throws: JobError.self) { _ = try await world.create(expression, timeZone: zone) }
            #expect(error?.code == .invalidSchedule)
            #expect(error?.message.contains(word) == true)
            #expect(try await world.store.list().isEmpty)
        }
    }

    @Test("a name is used once within a tenant, and an unknown schedule says so")
    func names() async throws {
        try await ScheduleFixture.with { world async throws in
            _ = try await world.create()
            let error = await #expect(throws: JobError.self) { _ = try await world.create() }
            #expect(error?.message.contains("already") == true)
            let missing = await #expect(throws: JobError.self) { try await world.store.pause(UUID(), reason: "") }
            #expect(missing?.code == .noSchedule)
        }
    }

    @Test("each fire makes one job, on time and never before")
    func fires() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("*/5 * * * *")
            try await world.fireAll()
            #expect(try await world.count("SELECT count(*) FROM job_live") == 0)
            for _ in 0..<20 {
                try await world.advance(minutes: 1)
                try await world.fireAll()
            }
            #expect(try await world.fires(of: id) == ["12:05", "12:10", "12:15", "12:20"].map { "\($0) schedule" })
            #expect(try await world.count("SELECT count(*) FROM job_live WHERE state = 'queued'") == 4)
            let requests = try await world.pool.query(
                "SELECT request_id, payload FROM job_live ORDER BY request_id LIMIT 1"
            )
            #expect(try requests[0].get(0, as: String.self) == "schedule:test:2026-03-28T12:05:00Z:schedule")
            #expect(try requests[0].get(1, as: String.self) == #"{"from":"test"}"#)
        }
    }

    @Test(
        "after a downtime the catch-up policy decides, and what it lets happen is marked",
        arguments: [
            (CatchUpPolicy.skip, ["15:00 schedule"], 2), (.latest, ["15:00 schedule"], 2),
            (.all(limit: 1), ["14:00 catch_up", "15:00 schedule"], 1),
            (.within(seconds: 7200), ["13:00 catch_up", "14:00 catch_up", "15:00 schedule"], 0),
        ]
    )
    func downtime(_ policy: CatchUpPolicy, _ expected: [String], _ dropped: Int) async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("0 * * * *") { $0.catchUp = policy }
            try await world.advance(minutes: 180)
            try await world.fireAll()
            #expect(try await world.fires(of: id) == expected)
            #expect(try await world.store.schedule(id).dropped == dropped)
        }
    }

    @Test("a clock that goes back an hour fires nothing twice, and goes on where it was")
    func clockBack() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("*/30 * * * *") { $0.catchUp = .all(limit: 100) }
            for minutes in [60, -60, 30, 30, 30, 30] {
                try await world.advance(minutes: minutes)
                try await world.fireAll()
            }
            let times = try await world.fires(of: id).map { $0.prefix(5) }
            #expect(times == ["12:30", "13:00", "13:30", "14:00"])
        }
    }

    @Test("after a clock that was a year ahead, pausing and resuming brings the schedule back; nothing is made again")
    func clockFarAhead() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("0 * * * *") { $0.catchUp = .within(seconds: 7200) }
            let year = 365 * 1440
            try await world.advance(minutes: 60)
            try await world.fireAll()
            try await world.advance(minutes: year)
            try await world.fireAll()
            try await world.advance(minutes: -year)
            try await world.store.pause(id, reason: "the clock was wrong")
            try await world.store.resume(id)
            try await world.advance(minutes: 60)
            try await world.fireAll()
            #expect(
                try await world.fires(of: id)
                    == ["13:00 schedule", "14:00 schedule", "11:00 catch_up", "12:00 catch_up", "13:00 schedule"]
            )
        }
    }

    @Test("a fire that waits for the job before it is not written again and again")
    func quietBuffer() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.overlap = .bufferOne }
            for _ in 0..<2 {
                try await world.advance(minutes: 1)
                try await world.fireAll()
            }
            let before = try await world.pool.query("SELECT xmin::text FROM schedule")[0].get(0, as: String.self)
            #expect(try await world.store.due(limit: 10) == [id])
            #expect(try await world.store.fire([id]).hasFired == false)
            // A lock leaves xmin alone, a write does not.
            #expect(try await world.pool.query("SELECT xmin::text FROM schedule")[0].get(0, as: String.self) == before)
        }
    }

    @Test("with overlap skip a fire is dropped while the job before it lives")
    func overlapSkip() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.overlap = .skip }
            for _ in 0..<3 {
                try await world.advance(minutes: 1)
                try await world.fireAll()
            }
            try await world.endJobs(.succeeded)
            try await world.advance(minutes: 1)
            try await world.fireAll()
            #expect(
                try await world.fires(of: id)
                    == ["12:01 schedule", "12:02 schedule dropped", "12:03 schedule dropped", "12:04 schedule"]
            )
        }
    }

    @Test("with overlap buffer_one one fire waits for the job before it, further ones are dropped")
    func overlapBuffer() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.overlap = .bufferOne }
            for _ in 0..<4 {
                try await world.advance(minutes: 1)
                try await world.fireAll()
            }
            #expect(try await world.store.schedule(id).bufferedFire != nil)
            #expect(try await world.count("SELECT count(*) FROM job_live") == 1)
            try await world.endJobs(.succeeded)
            try await world.fireAll()
            #expect(try await world.count("SELECT count(*) FROM job_live") == 1)
            #expect(
                try await world.fires(of: id)
                    == ["12:01 schedule", "12:02 buffered", "12:03 schedule dropped", "12:04 schedule dropped"]
            )
        }
    }

    @Test("what came due while it was paused is not made up for")
    func pause() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.catchUp = .all(limit: 100) }
            try await world.store.pause(id, reason: "maintenance")
            try await world.advance(minutes: 10)
            try await world.fireAll()
            #expect(try await world.store.schedule(id).pauseReason == "maintenance")
            try await world.store.resume(id)
            try await world.advance(minutes: 1)
            try await world.fireAll()
            #expect(try await world.fires(of: id) == ["12:11 schedule"])
        }
    }

    @Test("a streak of failures pauses the schedule; a success between them ends the streak")
    func failures() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.pauseAfterFailures = 3 }
            for state: JobState in [.failed, .failed, .succeeded, .failed, .dead, .cancelled, .failed] {
                #expect(try await world.store.schedule(id).pausedAt == nil)
                try await world.advance(minutes: 1)
                try await world.fireAll()
                try await world.endJobs(state)
                let paused = try await world.store.settle()
                #expect(paused.isEmpty == (try await world.store.schedule(id).pausedAt == nil))
            }
            let schedule = try await world.store.schedule(id)
            #expect(schedule.pauseReason == "3 jobs failed in a row")
            #expect(schedule.openJobs.isEmpty)
            try await world.store.resume(id)
            #expect(try await world.store.schedule(id).failureStreak == 0)
        }
    }

    @Test("run now fires beside the calendar; a backfill makes what is missing, once")
    func orders() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("*/10 * * * *") { $0.catchUp = .skip }
            try await world.advance(minutes: 35)
            _ = try await world.store.runNow(id)
            try await world.fireAll()
            #expect(try await world.fires(of: id) == ["12:35 run_now"])
            let from = Moment(seconds: CivilTime(2026, 3, 28, 12, 10).seconds)
            let to = from.adding(seconds: 1200)
            #expect(try await world.store.backfill(id, from: from, through: to).count == 3)
            #expect(try await world.store.backfill(id, from: from, through: to).isEmpty)
            try await world.advance(minutes: 5)
            try await world.fireAll()
            #expect(
                try await world.fires(of: id)
                    == ["12:10 backfill", "12:20 backfill", "12:30 backfill", "12:35 run_now", "12:40 schedule"]
            )
            #expect(try await world.count("SELECT count(*) FROM job_live") == 5)
            for range in [(to, from), (from, to.adding(seconds: 86_400))] {
                await #expect(throws: JobError.self) {
                    _ = try await world.store.backfill(id, from: range.0, through: range.1)
                }
            }
        }
    }

    @Test("jitter delays the job, not the fire")
    func jitter() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create { $0.jitterSeconds = 3600 }
            try await world.advance(minutes: 1)
            try await world.fireAll()
            #expect(try await world.fires(of: id) == ["12:01 schedule"])
            let bytes = withUnsafeBytes(of: id.uuid) { Array($0) }
            let fire = Moment(seconds: CivilTime(2026, 3, 28, 12, 1).seconds)
            let wait = Jitter.seconds(schedule: bytes, fire: fire, below: 3600)
            let runAt = try await world.pool.query("SELECT run_at FROM job_live")[0].get(0, as: Date.self)
            #expect(Moment(runAt) == fire.adding(seconds: wait))
        }
    }

    @Test("while its kind is drained a schedule waits; afterwards its fires are late")
    func draining() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("*/10 * * * *") { $0.catchUp = .all(limit: 10) }
            let ledger = JobLedger(pool: world.pool)
            try await ledger.setMode(.draining, scope: .kind, name: JobKind.drill.name, reason: nil)
            try await world.advance(minutes: 20)
            #expect(try await world.store.due(limit: 10).isEmpty)
            #expect(try await world.store.fire([id]).hasFired == false)
            try await ledger.setMode(.open, scope: .kind, name: JobKind.drill.name, reason: nil)
            try await world.fireAll()
            #expect(try await world.fires(of: id) == ["12:10 catch_up", "12:20 schedule"])
        }
    }

    @Test("when the zone's rules change, the next fire is found anew, though it now comes earlier")
    func ruleChange() async throws {
        let zone = "Europe/Berlin"
        // Three hours ahead of UTC all year; Berlin is one hour ahead until tomorrow.
        let file = URL(filePath: "\(ZoneDirectory.standardPath)/Europe/Istanbul")
        let rules = try ZoneRules(name: zone, tzif: [UInt8](try Data(contentsOf: file)))
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create("30 15 * * *", timeZone: zone)
            try await world.fireAll()
            #expect(try await world.store.schedule(id).nextFire == CivilTime(2026, 3, 28, 14, 30).moment.date)
            #expect(try await world.store.refreshHints() == 0)

            let changed = world.store.reading(ZoneDirectory(zones: [rules]))
            #expect(try await changed.refreshHints() == 1)
            try await world.fireAll(changed)
            #expect(try await world.store.schedule(id).nextFire == CivilTime(2026, 3, 28, 12, 30).moment.date)

            try await world.advance(minutes: 31)
            try await world.fireAll(changed)
            #expect(try await world.fires(of: id) == ["12:30 schedule"])
            #expect(try await world.store.schedule(id).nextFire == CivilTime(2026, 3, 29, 12, 30).moment.date)
            #expect(try await changed.refreshHints() == 0)
        }
    }

    @Test("a schedule that cannot be understood here is looked at again later, and keeps nobody else from firing")
    func postponed() async throws {
        try await ScheduleFixture.with { world async throws in
            let id = try await world.create()
            try await world.pool.query("UPDATE schedule SET kind = 'future.kind', next_fire = '-infinity'")
            try await world.advance(minutes: 1)
            let other = try await world.create(name: "other")
            try await world.advance(minutes: 1)
            let report = try await world.store.fire(try await world.store.due(limit: 10))
            #expect(report.problems[id]?.message.contains("future.kind") == true)
            #expect(report.jobs.count == 1)
            #expect(try await world.fires(of: other) == ["12:02 schedule"])
            try await world.store.postpone(id)
            #expect(try await world.store.due(limit: 10).isEmpty)
            #expect(try await world.fires(of: id).isEmpty)
        }
    }
}

extension CivilTime {
    fileprivate var moment: Moment { Moment(seconds: seconds) }
}
