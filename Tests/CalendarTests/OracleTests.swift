import Calendar
import Support
import Testing

@Suite("Fires equal the oracle's", .enabled(if: PythonScript.isPresent, Oracle.missing))
struct OracleTests {
    private static let sparse = [
        "0 0 * * *", "30 2 * * *", "15 2 * * *", "0 2 * * *", "0 3 * * *", "59 1 * * *", "5 0 * * *", "59 23 * * *",
        "30 0 * * *", "0 1 * * *", "45 1 * * *", "10 3 * * *", "0 0 1 * *", "0 0 31 * *", "59 23 31 12 *", "0 0 1 1 *",
        "0 12 29 2 *", "30 2 29 2 *", "0 0 * * 0", "0 0 * * 7", "30 1 * * sun", "30 2 * * SAT-SUN", "0 9 * * mon-fri",
        "0 9 * * 1,3,5", "0 22 * * 5-7", "0 0 13 * 5", "30 2 1,15 * 0", "0 0 */2 * 1", "0 4 1-7 * *", "0 0 1 */3 *",
        "0 6 * jan-mar,OCT *", "0 0,12 * * *", "15,45 1-3 * * *", "0 0 30 12 *", "20 1 8-14 3 0", "@yearly", "@monthly",
        "@weekly", "@daily", "@midnight", "daily 02:30", "daily 00:00", "weekly 02:15", "weekly sunday 01:45",
        "1/29 2 * * *",
    ]
    private static let dense = [
        "0 * * * *", "@hourly", "30 */2 * * *", "*/15 0-3 * * *", "7-59/13 1,2,23 * * *", "*/5 * 20-31 3,10 *",
        "* 1-3 * 3,10,12 sun",
    ]
    private static let allPolicies = ClockChangePolicy.Gap.allCases.flatMap { gap in
        ClockChangePolicy.Fold.allCases.map { ClockChangePolicy(gap: gap, fold: $0) }
    }

    /// Zones with something odd, each over a year in which it happens.
    private static let years: [(zone: String, first: CivilTime)] = [
        ("Australia/Lord_Howe", CivilTime(2026, 1, 1)),  // half an hour of summer time
        ("Pacific/Apia", CivilTime(2011, 6, 1)),  // no 30 December
        ("Pacific/Kwajalein", CivilTime(1969, 3, 1)),  // 30 September nearly twice
        ("Asia/Kathmandu", CivilTime(1985, 6, 1)),  // a quarter of an hour lost at New Year
        ("Africa/Casablanca", CivilTime(2026, 1, 1)),  // an hour back for Ramadan
        ("America/Sao_Paulo", CivilTime(2018, 1, 1)),  // no midnight
        ("Antarctica/Troll", CivilTime(2026, 1, 1)),  // two hours of summer time
        ("America/New_York", CivilTime(2024, 1, 1)),  // leap year
        ("Europe/Berlin", CivilTime(2028, 1, 1)),  // leap year
        ("Europe/Dublin", CivilTime(2026, 1, 1)),  // winter time is the exception
        ("America/Nuuk", CivilTime(2023, 1, 1)),  // changes before midnight, and a change of standard time
        ("Africa/Cairo", CivilTime(2026, 1, 1)),  // changes at midnight and at 24:00
        ("America/Havana", CivilTime(2026, 1, 1)),  // 00:00 to 00:59 missing and repeated
        ("Pacific/Chatham", CivilTime(2045, 1, 1)),  // 12:45 hours, beyond the listed changes
        ("America/Santiago", CivilTime(2051, 1, 1)),  // a rule with hours beyond midnight
        ("America/Caracas", CivilTime(2016, 1, 1)),  // half an hour lost
        ("Antarctica/Casey", CivilTime(2020, 1, 1)),  // three hours
        ("UTC", CivilTime(2099, 6, 1)),  // 2100 is no leap year
    ]

    @Test("over a year, for fifty expressions under each policy", arguments: years.indices)
    func simulatedYear(_ index: Int) async throws {
        let (name, first) = Self.years[index]
        let zone = try ZoneDirectory().zone(name)
        let from = Moment(seconds: first.seconds - 1)
        let to = from.adding(seconds: 366 * 86_400)
        for (expressions, policies) in [
            (Self.sparse, Self.allPolicies), (Self.dense, [Self.allPolicies[0], Self.allPolicies[5]]),
        ] {
            let year = Oracle.Year(zone: name, from: from, to: to, expressions: expressions, policies: policies)
            let expected = try await Oracle.sums(of: year)
            try #require(expected.count == expressions.count * policies.count)
            var number = 0
            for expression in expressions {
                let cron = try CronExpression(expression)
                for policy in policies {
                    let recurrence = Recurrence(cron, zone: zone, policy: policy)
                    var sum = Oracle.Sum()
                    var last = from
                    while let fire = recurrence.next(after: last), fire <= to {
                        sum.add(fire)
                        last = fire
                    }
                    if sum != expected[number] {
                        try await explain(recurrence, from, to)
                    }
                    number += 1
                }
            }
        }
    }

    @Test("and the comparison notices a fire more, less or later")
    func witness() async throws {
        let zone = try ZoneDirectory().zone("Europe/Berlin")
        let from = Moment(seconds: CivilTime(2026, 1, 1).seconds)
        let to = from.adding(seconds: 366 * 86_400)
        let year = Oracle.Year(
            zone: zone.name,
            from: from,
            to: to,
            expressions: ["30 2 * * *"],
            policies: Self.allPolicies
        )
        let sums = try await Oracle.sums(of: year)
        #expect(Set(sums.map(\.digest)).count == Self.allPolicies.count)
        #expect(sums.map(\.count) == [365, 365, 366, 366, 366, 367])
    }

    /// Says which fires differ.
    private func explain(_ recurrence: Recurrence, _ from: Moment, _ to: Moment) async throws {
        let ours = recurrence.fires(after: from, through: to)
        let theirs = try await Oracle.fires(of: recurrence, from: from, to: to)
        let missing = Set(theirs).subtracting(ours).sorted()
        let extra = Set(ours).subtracting(theirs).sorted()
        Issue.record(
            """
            '\(recurrence.expression.text)' in \(recurrence.zone.name), \(recurrence.policy): missing \(missing.prefix(5)), \
            extra \(extra.prefix(5)), \(ours.count) against \(theirs.count)
            """
        )
    }

    @Test("after three days of downtime, under each catch-up policy")
    func downtime() async throws {
        let directory = ZoneDirectory()
        let back = Moment(seconds: CivilTime(2026, 3, 30, 9).seconds + 20)
        let gone = back.adding(seconds: -3 * 86_400)
        let policies: [CatchUpPolicy] = [
            .skip, .latest, .all(limit: 0), .all(limit: 1), .all(limit: 5), .all(limit: 10_000), .within(seconds: 0),
            .within(seconds: 3600), .within(seconds: 86_400), .within(seconds: 4 * 86_400),
        ]
        var cases: [(Recurrence, from: Moment, to: Moment, CatchUpPolicy)] = []
        for zone in ["Europe/Berlin", "UTC", "Australia/Lord_Howe"] {
            for text in [
                "30 2 * * *", "* * * * *", "*/15 * * * *", "0 9 * * *", "0 11 * * *", "0 0 1 * *", "0 8 28 3 *",
            ] {
                let recurrence = Recurrence(try CronExpression(text), zone: try directory.zone(zone))
                // The second downtime ends between two minutes, so that a late and a punctual fire are both due.
                for now in [back, back.adding(seconds: 3570)] { cases += policies.map { (recurrence, gone, now, $0) } }
            }
        }

        let expected = try await Oracle.caughtUp(cases)

        try #require(expected.count == cases.count)
        for (index, (recurrence, last, now, policy)) in cases.enumerated() {
            var fired: [Moment] = []
            var dropped = 0
            var cursor = last
            while let due = recurrence.due(after: cursor, at: now, catchUp: policy) {
                fired += due.fires.map(\.moment)
                dropped += due.dropped
                try #require(due.decidedUntil > cursor)
                cursor = due.decidedUntil
            }
            let where_ = Comment(
                rawValue: "\(recurrence.expression.text) in \(recurrence.zone.name), \(policy), at \(now)"
            )
            #expect(fired == expected[index], where_)
            #expect(fired.count + dropped == recurrence.fires(after: last, through: now).count, where_)
        }
    }

    @Test("when a zone's rules change in the middle of the year")
    func ruleChange() async throws {
        let winter = TZifWriter.Change(at: CivilTime(2025, 10, 26, 1).seconds, offset: 3600)
        let summer = TZifWriter.Change(at: CivilTime(2026, 3, 29, 1).seconds, offset: 7200)
        let old = TZifWriter(initial: 3600, changes: [winter, summer], footer: "CET-1CEST,M3.5.0,M10.5.0/3")
        // Decided in June: summer time ends for good on 15 August at 00:00, with half an hour back.
        let end = TZifWriter.Change(at: CivilTime(2026, 8, 14, 22).seconds, offset: 5400)
        let new = TZifWriter(initial: 3600, changes: [winter, summer, end], footer: "<+0130>-1:30")
        let from = Moment(seconds: CivilTime(2025, 12, 31, 23).seconds)
        let to = from.adding(seconds: 366 * 86_400)
        let update = Moment(seconds: CivilTime(2026, 6, 10, 12).seconds)

        for text in ["30 2 * * *", "45 23 * * *", "0 * * * *", "0 0 1 * *", "30 8 * * mon"] {
            for policy in Self.allPolicies {
                let cron = try CronExpression(text)
                let before = Recurrence(cron, zone: try old.rules("Test/Rules"), policy: policy)
                let after = Recurrence(cron, zone: try new.rules("Test/Rules"), policy: policy)
                var fires = before.fires(after: from, through: update)
                fires += after.fires(after: fires.last ?? from, through: to)
                let expected = try await new.withFile {
                    try await Oracle.fires(of: after, file: $0, from: from, to: to)
                }
                #expect(fires == expected, "\(text), \(policy)")
                #expect(fires != before.fires(after: from, through: to))
            }
        }
    }
}
