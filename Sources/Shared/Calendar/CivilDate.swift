/// A day of the proleptic Gregorian calendar, in no zone.
package struct CivilDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    package let days: Int64

    package init(days: Int64) { self.days = days }

    /// The day of that date; an out-of-range month or day is the caller's mistake and gives a neighbouring date.
    ///
    /// Days-from-civil: years start in March inside the formula, so that the leap day comes last.
    package init(year: Int, month: Int, day: Int) {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Year, month from 1, and day from 1.
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * index + 2) / 5 + 1))
    }

    /// 0 is Sunday, 6 is Saturday, as in cron and in POSIX zone rules.
    package var weekday: Int {
        // 1970-01-01 was a Thursday.
        Int(floorModulo(days + 4, 7))
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool { left.days < right.days }

    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    package static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// What a clock on a wall shows: date and time of day, in no zone.
package struct CivilTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00 on that wall.
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0) {
        seconds = CivilDate(year: year, month: month, day: day).days * 86_400 + Int64(hour * 3600 + minute * 60)
    }

    package var date: CivilDate { CivilDate(days: floorDivide(seconds, 86_400)) }
    package var secondOfDay: Int { Int(floorModulo(seconds, 86_400)) }

    package static func < (left: CivilTime, right: CivilTime) -> Bool { left.seconds < right.seconds }

    /// `2026-03-29 02:30`, with seconds on request.
    package func text(separator: String = " ", seconds withSeconds: Bool = false) -> String {
        let (year, month, day) = date.components
        let second = secondOfDay
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let padding = String(repeating: "0", count: max(0, 4 - "\(max(0, year))".count))
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60))" + (withSeconds ? ":\(two(second % 60))" : "")
        return "\(padding)\(year)-\(two(month))-\(two(day))\(separator)\(clock)"
    }
}

func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
}

func floorModulo(_ value: Int64, _ by: Int64) -> Int64 {
    let remainder = value % by
    return remainder < 0 ? remainder + by : remainder
}
