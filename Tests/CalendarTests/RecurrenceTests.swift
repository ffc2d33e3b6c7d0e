import Calendar
import Testing

@Suite("Recurrences")
struct RecurrenceTests {
    @Test("forwards and backwards agree, for random expressions, zones, policies and moments", arguments: 0..<8)
    func properties(_ seed: Int) throws {
        var generator = Splitmix(state: UInt64(seed))
        let directory = ZoneDirectory()
        let zones = [
            "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Antarctica/Troll",
            "Africa/Casablanca", "Pacific/Kwajalein", "America/Havana", "UTC",
        ]
        for _ in 0..<250 {
            let text = Self.expression(&generator)
            let recurrence = Recurrence(
                try CronExpression(text),
                zone: try directory.zone(zones.randomElement(using: &generator) ?? "UTC"),
                policy: ClockChangePolicy(
                    gap: ClockChangePolicy.Gap.allCases.randomElement(using: &generator) ?? .skip,
                    fold: ClockChangePolicy.Fold.allCases.randomElement(using: &generator) ?? .both
                )
            )
            let moment = Moment(seconds: Int64.random(in: -100_000_000...4_000_000_000, using: &generator))
            guard let next = recurrence.next(after: moment) else { continue }
            let about: Comment = "'\(text)' in \(recurrence.zone.name), \(recurrence.policy), after \(moment)"

            #expect(next > moment, about)
            #expect(recurrence.next(after: next.adding(seconds: -1)) == next, about)
            let previous = recurrence.previous(before: next)
            #expect(previous.map { $0 <= moment } ?? true, about)
            #expect(previous.map { recurrence.next(after: $0) == next } ?? true, about)
            #expect(recurrence.previous(before: next.adding(seconds: 1)) == next, about)
            // A whole chain, forwards and back.
            let chain = recurrence.preview(after: moment, count: 12)
            var back: [Moment] = []
            var last = (chain.last ?? next).adding(seconds: 1)
            while back.count < chain.count, let fire = recurrence.previous(before: last) {
                back.append(fire)
                last = fire
            }
            #expect(back.reversed() == chain, about)
        }
    }

    @Test("02:30 in Berlin: the day without it, the day with two of them, under each policy")
    func berlin() throws {
        let zone = try ZoneDirectory().zone("Europe/Berlin")
        func fires(_ month: Int, _ day: Int, _ gap: ClockChangePolicy.Gap, _ fold: ClockChangePolicy.Fold) throws
            -> [String]
        {
            let start = CivilTime(2026, month, day).seconds - 7200
            return Recurrence(
                try CronExpression("30 2 * * *"),
                zone: zone,
                policy: ClockChangePolicy(gap: gap, fold: fold)
            )
            .fires(after: Moment(seconds: start), through: Moment(seconds: start + 86_400)).map(\.description)
        }
        #expect(try fires(3, 29, .skip, .first) == [])
        #expect(try fires(3, 29, .shiftForward, .first) == ["2026-03-29T01:00:00Z"])
        #expect(try fires(10, 25, .skip, .first) == ["2026-10-25T00:30:00Z"])
        #expect(try fires(10, 25, .skip, .second) == ["2026-10-25T01:30:00Z"])
        #expect(try fires(10, 25, .skip, .both) == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
    }

    @Test("what runs each hour goes on through a repeated hour; what runs once a day runs once")
    func standardPolicy() throws {
        func fold(_ text: String) throws -> ClockChangePolicy.Fold {
            ClockChangePolicy.standard(for: try CronExpression(text)).fold
        }
        #expect(try fold("*/15 * * * *") == .both)
        #expect(try fold("0 */2 * * *") == .both)
        #expect(try fold("30 2 * * *") == .first)
    }

    @Test("a server clock that jumps by an hour, both ways, makes no fire twice and loses none", arguments: 0..<20)
    func clockJumps(_ seed: Int) throws {
        var generator = Splitmix(state: UInt64(seed))
        let recurrence = Recurrence(
            try CronExpression("*/7 * * * *"),
            zone: try ZoneDirectory().zone("Europe/Berlin")
        )
        let start = Moment(seconds: CivilTime(2026, 3, 28).seconds)
        var now = start
        var last = start
        var latest = start
        var fired: [Moment] = []
        for step in 0..<5000 {
            now = now.adding(seconds: Int64.random(in: 1...30, using: &generator))
            if step % 500 == 250 { now = now.adding(seconds: Bool.random(using: &generator) ? 3600 : -3600) }
            latest = max(latest, now)
            while let due = recurrence.due(after: last, at: now, catchUp: .all(limit: 100), batch: 3) {
                fired += due.fires.map(\.moment)
                #expect(due.dropped == 0)
                last = due.decidedUntil
            }
        }
        #expect(fired == recurrence.fires(after: start, through: latest))
    }

    @Test("a late fire is marked, one within the grace is not")
    func marks() throws {
        let recurrence = Recurrence(try CronExpression("* * * * *"), zone: .utc)
        let due = try #require(
            recurrence.due(after: Moment(seconds: 0), at: Moment(seconds: 210), catchUp: .all(limit: 10))
        )
        #expect(due.fires.map(\.moment.seconds) == [60, 120, 180])
        #expect(due.fires.map(\.isCatchUp) == [true, true, false])
    }

    @Test("jitter is the same each time, below its bound, and spread")
    func jitter() {
        let id = Array("schedule".utf8)
        let values = (0..<1000).map {
            Jitter.seconds(schedule: id, fire: Moment(seconds: Int64($0) * 60), below: 300)
        }
        #expect(values.allSatisfy { (0..<300).contains($0) })
        #expect(
            values == (0..<1000).map { Jitter.seconds(schedule: id, fire: Moment(seconds: Int64($0) * 60), below: 300) }
        )
        // 1,000 draws from 300 leave about 11 values out.
        #expect(Set(values).count > 270)
        #expect(Jitter.seconds(schedule: id, fire: Moment(seconds: 0), below: 0) == 0)
    }

    private static func expression(_ generator: inout Splitmix) -> String {
        func field(_ range: ClosedRange<Int>, star: Int) -> String {
            if Int.random(in: 0..<10, using: &generator) < star {
                return Bool.random(using: &generator) ? "*" : "*/\(Int.random(in: 1...6, using: &generator))"
            }
            let low = Int.random(in: range, using: &generator)
            return switch Int.random(in: 0..<3, using: &generator) {
            case 0: "\(low)"
            case 1: "\(low)-\(Int.random(in: low...range.upperBound, using: &generator))"
            default: "\(low),\(Int.random(in: range, using: &generator))"
            }
        }
        let fields = [
            field(0...59, star: 2), field(0...5, star: 2), field(1...31, star: 7), field(1...12, star: 7),
            field(0...7, star: 7),
        ]
        return fields.joined(separator: " ")
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct Splitmix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
