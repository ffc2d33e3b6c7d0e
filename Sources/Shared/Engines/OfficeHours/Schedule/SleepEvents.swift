import Calendar

/// Moments at which something wakes up or goes to sleep, as cron expressions on the wall of one zone.
struct SleepEvents: Sendable, Hashable {
    /// Cron expressions; empty when somebody wakes it by hand.
    var wakes: [String]
    var sleeps: [String]
    /// IANA name.
    var zone: String
    /// Days since 1970 on whose dates neither happens: the days that Custodian skips.
    var skipped: Set<Int64> = []

    var neverWakes: Bool { wakes.isEmpty }

    /// A skipped hour's event happens where the clocks land; a repeated one happens once.
    private static let policy = ClockChangePolicy(gap: .shiftForward, fold: .first)

    /// Looking back this far finds the event that decides the state: weekly ones, then ones kept off by holidays.
    private static let looksBack: [Int64] = [8 * 86_400, 40 * 86_400, 400 * 86_400]

    func onSpans(within window: Range<Int64>, _ clocks: ZoneClocks, holidays: Set<Int64>) -> TimeSpans {
        guard !neverWakes, let zone = clocks.zones[zone] else { return TimeSpans([window]) }
        for reach in Self.looksBack {
            let events = events(from: window.lowerBound - reach, through: window.upperBound, zone, holidays)
            guard let first = events.first, first.at <= window.lowerBound || reach == Self.looksBack.last else {
                continue
            }
            return Self.spans(of: events, within: window)
        }
        // Nothing decides: it is left running.
        return TimeSpans([window])
    }

    func nextSleep(after second: Int64, _ clocks: ZoneClocks) -> Int64? {
        guard let zone = clocks.zones[zone] else { return nil }
        return sleeps.compactMap { text in
            Self.recurrence(text, zone).flatMap { $0.next(after: Moment(seconds: second))?.seconds }
        }.min()
    }

    /// The last sleep that is not later.
    func lastSleep(through second: Int64, _ clocks: ZoneClocks) -> Int64? {
        guard let zone = clocks.zones[zone] else { return nil }
        return sleeps.compactMap { text in
            Self.recurrence(text, zone).flatMap { $0.previous(before: Moment(seconds: second + 1))?.seconds }
        }.max()
    }

    private struct Event: Comparable {
        var at: Int64
        var wakes: Bool

        /// At one instant the waking comes last and so decides: what is not clear keeps running.
        static func < (left: Event, right: Event) -> Bool {
            left.at != right.at ? left.at < right.at : !left.wakes && right.wakes
        }
    }

    private func events(
        from start: Int64,
        through end: Int64,
        _ zone: ZoneRules,
        _ holidays: Set<Int64>
    ) -> [Event] {
        var events: [Event] = []
        for (texts, wakes) in [(sleeps, false), (wakes, true)] {
            for text in texts {
                guard let recurrence = Self.recurrence(text, zone) else { continue }
                let fires = recurrence.fires(
                    after: Moment(seconds: start - 1),
                    through: Moment(seconds: end),
                    limit: Self.limit
                )
                for fire in fires {
                    let day = zone.civilTime(at: fire).date.days
                    // Nothing wakes on a holiday, but what was awake when it began may still go to sleep.
                    if skipped.contains(day) || wakes && holidays.contains(day) { continue }
                    events.append(Event(at: fire.seconds, wakes: wakes))
                }
            }
        }
        return events.sorted()
    }

    /// Every minute of some weeks; no sensible schedule comes near.
    private static let limit = 100_000

    private static func recurrence(_ text: String, _ zone: ZoneRules) -> Recurrence? {
        (try? CronExpression(text)).map { Recurrence($0, zone: zone, policy: policy) }
    }

    private static func spans(of events: [Event], within window: Range<Int64>) -> TimeSpans {
        var spans: [Range<Int64>] = []
        // Before the first event known nothing is known: it is left running.
        var awakeSince: Int64? = .min
        for event in events {
            if event.wakes {
                awakeSince = awakeSince ?? event.at
            } else if let start = awakeSince {
                if start < event.at { spans.append(start..<event.at) }
                awakeSince = nil
            }
        }
        if let start = awakeSince { spans.append(start..<max(window.upperBound, start + 1)) }
        return TimeSpans(spans).clipped(to: window)
    }
}
