/// When a wall clock says that it is time: the five fields of cron.
///
/// Minute, hour, day of month, month, day of week; lists, ranges, steps and names. When both day fields are given, a
/// day that matches either counts, as in POSIX; a day field that begins with a star does not count as given.
package struct CronExpression: Sendable, Equatable {
    /// What it was read from.
    package let text: String
    private let minutes: CronField
    private let hours: CronField
    private let daysOfMonth: CronField
    private let months: CronField
    private let daysOfWeek: CronField

    /// Reads five fields, a macro such as `@daily`, `daily HH:MM`, or `weekly [weekday] HH:MM` (Monday when left out).
    ///
    /// - Throws: ``CalendarError/Code/invalidExpression``, which says what is wrong with which field.
    package init(_ text: String) throws(CalendarError) {
        self.text = text
        // An expression is a line of a table: anything longer is a mistake or an attack.
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw CalendarError(.invalidExpression, "an expression is at most 256 printable ASCII characters")
        }
        let words = try Self.fields(of: text.split(separator: " "))
        minutes = try CronField(words[0], .minute)
        hours = try CronField(words[1], .hour)
        daysOfMonth = try CronField(words[2], .dayOfMonth)
        months = try CronField(words[3], .month)
        daysOfWeek = try CronField(words[4], .dayOfWeek)
    }

    package static func == (left: CronExpression, right: CronExpression) -> Bool {
        left.minutes == right.minutes && left.hours == right.hours && left.daysOfMonth == right.daysOfMonth
            && left.months == right.months && left.daysOfWeek == right.daysOfWeek
    }

    /// Whether it means "each hour" or "every so many": then a repeated hour is an hour like any other.
    package var hasWildcardHour: Bool { hours.isStar }

    private static let macros = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private static func fields(of words: [Substring]) throws(CalendarError) -> [Substring] {
        let first = words.first?.lowercased() ?? ""
        if first.hasPrefix("@") {
            guard words.count == 1, let expression = macros[first] else {
                throw CalendarError(
                    .invalidExpression,
                    "'\(words[0])' is no macro; those are \(macros.keys.sorted().joined(separator: ", "))"
                )
            }
            return expression.split(separator: " ")
        }
        if first == "daily", words.count == 2 {
            let time = try timeOfDay(words[1])
            return [time.minute, time.hour, "*", "*", "*"]
        }
        if first == "weekly", words.count == 2 || words.count == 3 {
            let time = try timeOfDay(words[words.count - 1])
            return [time.minute, time.hour, "*", "*", words.count == 3 ? words[1].prefix(3) : "mon"]
        }
        guard words.count == 5 else {
            throw CalendarError(
                .invalidExpression,
                "an expression has five fields (minute hour day-of-month month day-of-week, no seconds), or reads "
                    + "@daily, 'daily HH:MM' or 'weekly [weekday] HH:MM'; this one has \(words.count)"
            )
        }
        return words
    }

    private static func timeOfDay(_ word: Substring) throws(CalendarError) -> (hour: Substring, minute: Substring) {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }), (Int(parts[0]) ?? 24) < 24,
            (Int(parts[1]) ?? 60) < 60
        else {
            throw CalendarError(.invalidExpression, "'\(word)' is no time of day; write HH:MM, 00:00 to 23:59")
        }
        return (parts[0], parts[1])
    }
}

extension CronExpression {
    /// The first matching time on the wall that is not before `start` and before `end`, both in seconds.
    ///
    /// Walks over days, and over months that do not match at once; the work is bounded by the range.
    func first(from start: Int64, before end: Int64) -> Int64? {
        let startMinute = floorDivide(start + 59, 60)
        var day = floorDivide(startMinute, 1440)
        var minute = Int(startMinute - day * 1440)
        while day * 86_400 < end {
            let date = CivilDate(days: day).components
            guard months.contains(date.month) else {
                day =
                    CivilDate(year: date.year, month: date.month, day: 1).days
                    + Int64(CivilDate.daysInMonth(year: date.year, month: date.month))
                minute = 0
                continue
            }
            if matches(day, date.day), let found = firstMinute(from: minute) {
                let second = day * 86_400 + Int64(found) * 60
                return second < end ? second : nil
            }
            day += 1
            minute = 0
        }
        return nil
    }

    /// The last matching time on the wall that is not after `end` and not before `start`, both in seconds.
    func last(from start: Int64, through end: Int64) -> Int64? {
        let endMinute = floorDivide(end, 60)
        var day = floorDivide(endMinute, 1440)
        var minute = Int(endMinute - day * 1440)
        while (day + 1) * 86_400 > start {
            let date = CivilDate(days: day).components
            guard months.contains(date.month) else {
                day -= Int64(date.day)
                minute = 1439
                continue
            }
            if matches(day, date.day), let found = lastMinute(through: minute) {
                let second = day * 86_400 + Int64(found) * 60
                return second >= start ? second : nil
            }
            day -= 1
            minute = 1439
        }
        return nil
    }

    /// The rule of both day fields; the month matches already.
    private func matches(_ day: Int64, _ dayOfMonth: Int) -> Bool {
        let isDate = daysOfMonth.contains(dayOfMonth)
        let isWeekday = daysOfWeek.contains(CivilDate(days: day).weekday)
        return daysOfMonth.isStar || daysOfWeek.isStar ? isDate && isWeekday : isDate || isWeekday
    }

    private func firstMinute(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.first(from: minute % 60) { return hour * 60 + found }
        guard let hour = hours.first(from: hour + 1), let found = minutes.first(from: 0) else { return nil }
        return hour * 60 + found
    }

    private func lastMinute(through minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.last(through: minute % 60) { return hour * 60 + found }
        guard let hour = hours.last(through: hour - 1), let found = minutes.last(through: 59) else { return nil }
        return hour * 60 + found
    }
}
