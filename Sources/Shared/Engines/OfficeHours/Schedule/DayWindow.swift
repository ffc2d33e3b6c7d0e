import Calendar

/// Hours of the wall on some days of the week.
struct DayWindow: Sendable, Hashable {
    static let minutesPerDay = 1440

    /// Bit 0 is Monday, bit 6 is Sunday: the days on which it begins.
    var days: UInt8
    /// Minutes after midnight, 0 to 1439.
    var start: Int
    /// Minutes after the midnight that `start` counts from; beyond 1440 it ends on the next day.
    var end: Int

    static let everyDay: UInt8 = 0x7F
    static let workingDays: UInt8 = 0x1F
    static let weekend: UInt8 = 0x60

    /// The stretches that begin on days whose numbers (since 1970) lie in the range and are no holidays.
    func spans(_ dayNumbers: ClosedRange<Int64>, _ clock: ZoneTimeline, holidays: Set<Int64>) -> [Range<Int64>] {
        var spans: [Range<Int64>] = []
        for day in dayNumbers where begins(on: day) && !holidays.contains(day) {
            let midnight = day * 86_400
            let first = clock.instant(ofWall: midnight + Int64(start) * 60)
            let after = clock.instant(ofWall: midnight + Int64(end) * 60)
            // Both ends inside one skipped hour leave nothing.
            if first < after { spans.append(first..<after) }
        }
        return spans
    }

    private func begins(on day: Int64) -> Bool {
        // CivilDate counts from Sunday.
        days >> UInt8((CivilDate(days: day).weekday + 6) % 7) & 1 == 1
    }
}
