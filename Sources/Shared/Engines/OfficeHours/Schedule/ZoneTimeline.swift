import Calendar

/// The offsets of one zone over a stretch of time, listed once, so that a year of edges costs no search per edge.
///
/// Answers outside the stretch are still right: they ask the zone itself.
struct ZoneTimeline: Sendable {
    let zone: ZoneRules
    private let periods: [ZoneRules.Period]

    /// RFC 8536 allows offsets of at most 26 hours; two of them apart is the widest a wall can be moved.
    private static let reach: Int64 = 26 * 3600

    init(_ zone: ZoneRules, from start: Int64, to end: Int64) {
        self.zone = zone
        var periods: [ZoneRules.Period] = []
        var second = start - 2 * Self.reach
        // A zone changes a few times a year; the ceiling only guards against a malformed one.
        while second < end + 2 * Self.reach, periods.count < 4096 {
            let period = zone.period(at: second)
            periods.append(period)
            guard period.end > second, period.end < .max else { break }
            second = period.end
        }
        self.periods = periods
    }

    /// What the wall shows, in seconds since 1970-01-01 00:00 on that wall.
    func wall(at second: Int64) -> Int64 { second + period(at: second).offset }

    /// The first instant at which the wall shows that time or, when clocks jump over it, a later one.
    ///
    /// So a time inside a skipped hour begins where the clocks land, and a time that is shown twice counts once: the
    /// first time.
    func instant(ofWall wall: Int64) -> Int64 {
        var index = indexOfPeriod(at: wall - Self.reach)
        while true {
            let period = index.map { periods[$0] } ?? zone.period(at: wall - Self.reach)
            let instant = max(period.start, wall - period.offset)
            if instant < period.end { return instant }
            guard let known = index, known + 1 < periods.count else {
                return Self.instant(ofWall: wall, in: zone, from: period.end)
            }
            index = known + 1
        }
    }

    /// The same outside the listed periods.
    private static func instant(ofWall wall: Int64, in zone: ZoneRules, from start: Int64) -> Int64 {
        var second = start
        // Offsets differ by at most two days, so a handful of periods decides.
        for _ in 0..<64 {
            let period = zone.period(at: second)
            let instant = max(period.start, wall - period.offset)
            if instant < period.end { return instant }
            second = period.end
        }
        return second
    }

    private func period(at second: Int64) -> ZoneRules.Period {
        indexOfPeriod(at: second).map { periods[$0] } ?? zone.period(at: second)
    }

    private func indexOfPeriod(at second: Int64) -> Int? {
        guard let first = periods.first, let last = periods.last, second >= first.start, second < last.end else {
            return nil
        }
        var low = 0
        var high = periods.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if periods[middle].start <= second { low = middle } else { high = middle }
        }
        return low
    }
}
