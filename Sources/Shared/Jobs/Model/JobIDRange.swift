package import FoundationEssentials

extension JobID {
    /// The least id a job accepted at `moment` can have: ids sort by time, so a span of time is a range of ids.
    ///
    /// Not an id of a job: it carries neither version nor random bits.
    package static func lowest(at moment: Date) -> JobID {
        let milliseconds = UInt64(max(0, min(moment.timeIntervalSince1970, 1e11) * 1000))
        func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: milliseconds >> (8 * index)) }
        return JobID(UUID(uuid: (byte(5), byte(4), byte(3), byte(2), byte(1), byte(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
    }
}

extension Date {
    /// Midnight (UTC) of the moment's day.
    var startOfDay: Date { floored(to: 86_400) }
    /// The full hour (UTC) before the moment.
    var startOfHour: Date { floored(to: 3600) }

    private func floored(to seconds: Double) -> Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 / seconds).rounded(.down) * seconds)
    }

    /// As PostgreSQL reads a date: `2026-11-24`, of the day in UTC.
    package var dayText: String {
        formatted(.iso8601.year().month().day())
    }
}
