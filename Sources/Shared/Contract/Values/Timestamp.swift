/// An instant in UTC with milliseconds, as it appears in every request and reply.
///
/// Our own calendar arithmetic: the days-from-civil method is a few integer operations, while the general formatter
/// of Foundation costs forty microseconds for each parse.
package struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { milliseconds = seconds * 1000 }

    /// The nearest millisecond to that many seconds since 1970.
    package init(secondsSinceEpoch: Double) { milliseconds = Int64((secondsSinceEpoch * 1000).rounded()) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package var secondsSinceEpoch: Double { Double(milliseconds) / 1000 }

    /// The whole hour of the day in UTC, 0 to 23.
    package var hour: Int { Int(Self.floorModulo(milliseconds, 86_400_000) / 3_600_000) }

    /// The day of the week in UTC: 0 is Monday, 6 is Sunday.
    package var weekday: Int {
        // 1970-01-01 was a Thursday.
        Int(Self.floorModulo(Self.floorDivide(milliseconds, 86_400_000) + 3, 7))
    }

    /// The month in UTC, 1 to 12.
    package var month: Int { Int(Self.date(days: Self.floorDivide(milliseconds, 86_400_000)).month) }

    package func adding(hours: Int) -> Timestamp { Timestamp(milliseconds: milliseconds + Int64(hours) * 3_600_000) }
    package func adding(days: Int) -> Timestamp { adding(hours: days * 24) }

    /// Hours from the other instant to this one; negative when this one is earlier.
    package func hours(since other: Timestamp) -> Double {
        Double(milliseconds - other.milliseconds) / 3_600_000
    }

    static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }

    static func floorModulo(_ value: Int64, _ by: Int64) -> Int64 {
        let remainder = value % by
        return remainder < 0 ? remainder + by : remainder
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (years start in March inside the formula).
    package static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `days(year:month:day:)`.
    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * index + 2) / 5 + 1)
    }

    static func daysInMonth(year: Int64, month: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
