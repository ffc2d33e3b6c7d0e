import FoundationEssentials

/// Conversion between `Date` and PostgreSQL's binary timestamps: microseconds since 2000-01-01 00:00 UTC.
enum PostgresTimestamp {
    /// Seconds from PostgreSQL's epoch to Foundation's (2001-01-01): the 366 days of the year 2000.
    private static let epochDistance = 31_622_400.0
    /// 4714-11-24 BC, the first instant that timestamptz can hold.
    private static let first: Int64 = -211_813_488_000_000_000
    /// 294277-01-01, the first instant that it cannot.
    private static let end: Int64 = 9_223_371_331_200_000_000

    /// The binary form of an instant, to the nearest microsecond; infinite dates become PostgreSQL's infinities.
    static func microseconds(of date: Date) throws(PostgresError) -> Int64 {
        let interval = date.timeIntervalSinceReferenceDate
        if interval.isInfinite { return interval > 0 ? .max : .min }
        // Whole seconds and the fraction apart: their product with a million would lose the last digits.
        let seconds = interval.rounded(.down)
        let fraction = ((interval - seconds) * 1e6).rounded()
        guard let whole = Int64(exactly: seconds + epochDistance) else { throw outOfRange }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { throw outOfRange }
        let result = scaled.addingReportingOverflow(Int64(fraction))
        guard !result.overflow, result.partialValue >= first, result.partialValue < end else { throw outOfRange }
        return result.partialValue
    }

    /// The instant of a binary form; the infinities become `.distantFuture` and `.distantPast`, since an infinite
    /// `Date` cannot be formatted.
    static func date(microseconds: Int64) -> Date {
        if microseconds == .max { return .distantFuture }
        if microseconds == .min { return .distantPast }
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(timeIntervalSinceReferenceDate: Double(seconds) - epochDistance + Double(rest) / 1e6)
    }

    /// Midnight UTC of a binary date: days since 2000-01-01.
    static func date(days: Int32) -> Date {
        if days == .max { return .distantFuture }
        if days == .min { return .distantPast }
        return Date(timeIntervalSinceReferenceDate: Double(days) * 86_400 - epochDistance)
    }

    private static var outOfRange: PostgresError {
        PostgresError(.invalidParameter, "a date lies outside PostgreSQL's calendar (4714 BC to 294276 AD)")
    }
}
