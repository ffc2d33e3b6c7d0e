import Calendar

/// Times at which something holds: weekly windows in one zone each, fixed stretches, always, or never.
struct WindowSet: Sendable, Hashable {
    struct Weekly: Sendable, Hashable {
        var window: DayWindow
        /// IANA name.
        var zone: String
    }

    var isAlways = false
    var weekly: [Weekly] = []
    /// Seconds since 1970.
    var fixed: [Range<Int64>] = []

    static let always = WindowSet(isAlways: true)
    static let never = WindowSet()

    var isNever: Bool { !isAlways && weekly.isEmpty && fixed.isEmpty }

    /// Everything that holds within the stretch of time.
    func spans(within window: Range<Int64>, _ clocks: ZoneClocks, holidays: Set<Int64>) -> TimeSpans {
        if isAlways { return TimeSpans([window]) }
        var ranges = fixed
        for item in weekly {
            guard let clock = clocks[item.zone] else { continue }
            // A window reaches at most into the day after the one it begins on.
            let first = Self.day(clock.wall(at: window.lowerBound)) - 2
            let last = Self.day(clock.wall(at: window.upperBound)) + 1
            ranges += item.window.spans(first...max(first, last), clock, holidays: holidays)
        }
        return TimeSpans(ranges.filter { $0.overlaps(window) }).clipped(to: window)
    }

    static func day(_ wall: Int64) -> Int64 { CivilTime(seconds: wall).date.days }
}

/// The clocks of all zones a request names, each read once.
struct ZoneClocks: Sendable {
    private(set) var zones: [String: ZoneRules] = [:]
    private var timelines: [String: ZoneTimeline] = [:]

    subscript(name: String) -> ZoneTimeline? { timelines[name] }

    mutating func add(_ zone: ZoneRules) { zones[zone.name] = zone }

    /// The same clocks with the offsets of a stretch of time at hand.
    func prepared(for window: Range<Int64>) -> ZoneClocks {
        var clocks = self
        clocks.timelines = zones.mapValues { ZoneTimeline($0, from: window.lowerBound, to: window.upperBound) }
        return clocks
    }
}
