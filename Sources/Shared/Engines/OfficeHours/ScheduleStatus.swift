import Calendar
import Contract

/// A schedule at one moment: what it wants, until when, and how much of the month it leaves off.
struct ScheduleStatus: Sendable {
    let schedule: UptimeSchedule
    /// With the override, where there is one.
    let state: UptimeSchedule.State
    /// What the schedule itself wants.
    let ownState: UptimeSchedule.State
    let isOverridden: Bool
    let next: UptimeSchedule.Change?
    /// On within the month, nodes' lead included.
    let onInMonth: TimeSpans
    /// 0 to 1 of the week that now lies in.
    let weekOffFraction: Double

    init(_ schedule: UptimeSchedule, _ request: OfficeHoursRequest, _ frame: TimeFrame) {
        self.schedule = schedule
        let now = frame.now
        var own = schedule.state(at: now, frame.clocks)
        // What only ever puts to sleep does so when its hour strikes, not hours later.
        if own == .undetermined, case .events(let events) = schedule.rule,
            let slept = events.lastSleep(through: now, frame.clocks),
            now - slept < Int64(request.policy.hysteresisMinutes * 60)
        {
            own = .off
        }
        ownState = own
        if let override = request.override, override.until.secondsSinceEpoch > Double(now) {
            state = override.state
            isOverridden = true
            let end = Int64(override.until.secondsSinceEpoch.rounded(.up))
            let after = schedule.state(at: end, frame.clocks)
            next =
                after != override.state
                ? .init(at: end, state: after) : schedule.nextChange(after: end, frame.clocks)
        } else {
            state = own
            isOverridden = false
            next = schedule.nextChange(after: now, frame.clocks)
        }
        let lead = Int64(request.policy.leadMinutes * 60)
        // A start early in the next month is prepared in this one.
        let wide = frame.month.lowerBound..<frame.month.upperBound + lead
        onInMonth = schedule.onSpans(within: wide, frame.clocks)
            .extended(lead: lead, fillingPausesBelow: 0).clipped(to: frame.month)
        let on = schedule.onSpans(within: frame.week, frame.clocks).seconds
        weekOffFraction = 1 - Double(on) / Double(frame.week.upperBound - frame.week.lowerBound)
    }
}

/// The stretches of time that a decision looks at, on the wall of the request's zone.
struct TimeFrame: Sendable {
    /// Seconds since 1970.
    let now: Int64
    /// The calendar month that now lies in.
    let month: Range<Int64>
    /// Monday to Sunday.
    let week: Range<Int64>
    let clocks: ZoneClocks

    init(_ now: Timestamp, _ request: OfficeHoursRequest) {
        let second = Int64(now.secondsSinceEpoch.rounded(.down))
        self.now = second
        clocks = request.clocks.prepared(for: second - 45 * 86_400..<second + UptimeSchedule.horizon + 86_400)
        guard let clock = clocks[request.zone] else {
            month = second..<second + 30 * 86_400
            week = second..<second + 7 * 86_400
            return
        }
        let date = CivilTime(seconds: clock.wall(at: second)).date
        let parts = date.components
        let first = CivilDate(year: parts.year, month: parts.month, day: 1)
        let length = CivilDate.daysInMonth(year: parts.year, month: parts.month)
        let monday = date.days - Int64((date.weekday + 6) % 7)
        func midnight(_ day: Int64) -> Int64 { clock.instant(ofWall: day * 86_400) }
        month = midnight(first.days)..<midnight(first.days + Int64(length))
        week = midnight(monday)..<midnight(monday + 7)
    }
}
