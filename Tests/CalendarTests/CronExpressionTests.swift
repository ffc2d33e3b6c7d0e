import Calendar
import Testing

@Suite("Cron expressions")
struct CronExpressionTests {
    @Test(
        "what cannot be read is refused with a word about the field",
        arguments: [
            ("", "five fields"), ("* * * *", "five fields"), ("* * * * * *", "no seconds"), ("60 * * * *", "minute"),
            ("* 24 * * *", "hour"), ("* * 0 * *", "day of month"), ("* * 32 * *", "day of month"),
            ("* * * 13 *", "month"),
            ("* * * 0 *", "month"), ("* * * * 8", "day of week"), ("*/0 * * * *", "step"), ("*/60 * * * *", "step"),
            ("*/-1 * * * *", "step"), ("5-1 * * * *", "backwards"), ("* * * * fri-mon", "backwards"),
            ("1, * * * *", "minute"), (",1 * * * *", "minute"), ("1-2-3 * * * *", "minute"),
            ("* * L * *", "day of month"),
            ("* * * * 5#2", "day of week"), ("* * ? * *", "day of month"), ("* * * foo *", "month"),
            ("+1 * * * *", "minute"),
            ("1.5 * * * *", "minute"), ("@reboot", "no macro"), ("@daily 5", "no macro"),
            ("daily 24:00", "time of day"),
            ("daily 2:5", "time of day"), ("daily", "five fields"), ("weekly noday 02:00", "day of week"),
            ("weekly 02:60", "time of day"), ("* * * * *\n", "printable"), ("* * * * ٣", "printable"),
            (String(repeating: "1,", count: 200), "256"), ("99999999999999999999 * * * *", "minute"),
        ]
    )
    func refused(_ text: String, _ word: String) {
        let error = #expect(throws: CalendarError.self) { try CronExpression(text) }
        #expect(error?.code == .invalidExpression)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "no message")")
    }

    @Test(
        "two ways to write one thing are equal",
        arguments: [
            ("@daily", "0 0 * * *"), ("@HOURLY", "0 * * * *"), ("@weekly", "0 0 * * 7"), ("daily 02:30", "30 2 * * *"),
            ("weekly 02:30", "30 2 * * 1"), ("weekly Friday 2:30", "30 02 * * FRI"), ("0 0 * * 5-7", "0 0 * * 0,5,6"),
            ("0 0 * * sat-sun", "0 0 * * 6,0"), ("0-59/15 * * * *", "0,15,30,45 * * * *"),
            ("50/5 * * * *", "50,55 * * * *"),
            ("0 0 1 JAN-mar *", "0 0 1 1-3 *"), ("  0   0 * * *  ", "0 0 * * *"), ("0 0 * * 1/2", "0 0 * * 1,3,5"),
        ]
    )
    func synonyms(_ one: String, _ other: String) throws {
        let fires = try [one, other].map { text in
            Recurrence(try CronExpression(text), zone: .utc).preview(after: Moment(seconds: 0), count: 50)
        }
        #expect(fires[0] == fires[1])
    }

    @Test("a date or a weekday is enough when both are given; a star leaves the choice to the other")
    func dayFields() throws {
        func days(_ text: String) throws -> [Int] {
            Recurrence(try CronExpression(text), zone: .utc)
                .fires(
                    after: Moment(seconds: CivilTime(2026, 2, 1).seconds - 1),
                    through: Moment(seconds: CivilTime(2026, 2, 28, 23, 59).seconds)
                )
                .map { CivilTime(seconds: $0.seconds).date.components.day }
        }
        #expect(try days("0 0 13 * 5") == [6, 13, 20, 27])
        #expect(try days("0 0 10 * 1") == [2, 9, 10, 16, 23])
        #expect(try days("0 0 */7 * 0") == [1, 8, 15, 22])
        #expect(try days("0 0 10 * *") == [10])
    }

    @Test(
        "an expression that no day matches is refused",
        arguments: ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31 4 *"]
    )
    func never(_ text: String) throws {
        let recurrence = Recurrence(try CronExpression(text), zone: .utc)
        let error = #expect(throws: CalendarError.self) {
            try recurrence.requireFire(after: Moment(seconds: 1_790_000_000))
        }
        #expect(error?.code == .neverFires)
        #expect(recurrence.previous(before: Moment(seconds: 1_790_000_000)) == nil)
    }

    @Test("the rarest expression fires: 29 February on a Sunday, across a century without leap year")
    func rare() throws {
        let recurrence = Recurrence(try CronExpression("0 0 29 2 */7"), zone: .utc)
        let fires = recurrence.preview(after: Moment(seconds: CivilTime(2080, 3, 1).seconds), count: 2)
        #expect(fires.map { "\($0)".prefix(10) } == ["2088-02-29", "2128-02-29"].map { Substring($0) })
        try recurrence.requireFire(after: Moment(seconds: CivilTime(2092, 3, 1).seconds))
    }
}
