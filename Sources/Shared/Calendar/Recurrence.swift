/// When a schedule fires: an expression, on the wall of a zone, with a policy for changes of its clocks.
///
/// Every answer follows from the arguments alone. No timer is involved, so that a fire can neither be lost nor repeated
/// by a process that slept, and any number of processes agree on the same instants.
package struct Recurrence: Sendable {
    /// How far a search goes.
    ///
    /// The rarest expression asks for 29 February on some weekday: every 28 years, and 40 across the year 2100.
    static let horizon: Int64 = 50 * 366 * 86_400

    package let expression: CronExpression
    package let zone: ZoneRules
    package let policy: ClockChangePolicy

    package init(_ expression: CronExpression, zone: ZoneRules, policy: ClockChangePolicy? = nil) {
        self.expression = expression
        self.zone = zone
        self.policy = policy ?? .standard(for: expression)
    }

    /// Refuses an expression that matches no day, such as 30 February.
    ///
    /// - Throws: ``CalendarError/Code/neverFires``.
    package func requireFire(after moment: Moment) throws(CalendarError) {
        guard next(after: moment) == nil else { return }
        throw CalendarError(.neverFires, "'\(expression.text)' never fires: no day of the calendar matches it")
    }

    /// The first fire that is strictly later; nil when there is none within the horizon.
    package func next(after moment: Moment) -> Moment? {
        let limit = moment.seconds + Self.horizon
        var from = moment.seconds + 1
        while from < limit {
            let period = zone.period(at: from)
            if let found = first(in: period, from: from, before: min(period.end, limit)) {
                return Moment(seconds: found)
            }
            from = period.end
        }
        return nil
    }

    /// The last fire that is strictly earlier; nil when there is none within the horizon.
    package func previous(before moment: Moment) -> Moment? {
        let limit = moment.seconds - Self.horizon
        var through = moment.seconds - 1
        while through > limit {
            let period = zone.period(at: through)
            if let found = last(in: period, from: max(period.start, limit), through: through) {
                return Moment(seconds: found)
            }
            guard period.start > limit else { return nil }
            through = period.start - 1
        }
        return nil
    }

    /// The fires after one moment and not after another, at most `limit` of them, in order.
    package func fires(after start: Moment, through end: Moment, limit: Int = .max) -> [Moment] {
        var fires: [Moment] = []
        var last = start
        while fires.count < limit, let fire = next(after: last), fire <= end {
            fires.append(fire)
            last = fire
        }
        return fires
    }

    /// The next fires, for people to look at.
    package func preview(after moment: Moment, count: Int) -> [Moment] {
        fires(after: moment, through: Moment(seconds: moment.seconds + Self.horizon), limit: count)
    }

    /// Within one period the wall runs as time does, so the order of its times is the order of instants.
    private func first(in period: ZoneRules.Period, from: Int64, before end: Int64) -> Int64? {
        if from == period.start, firesAtStart(of: period) { return from }
        var local = from + period.offset
        while let match = expression.first(from: local, before: end + period.offset) {
            let instant = match - period.offset
            if isChosen(instant, match, period) { return instant }
            local = match + 60
        }
        return nil
    }

    private func last(in period: ZoneRules.Period, from start: Int64, through end: Int64) -> Int64? {
        var local = end + period.offset
        while let match = expression.last(from: start + period.offset, through: local) {
            let instant = match - period.offset
            if isChosen(instant, match, period) { return instant }
            local = match - 60
        }
        return start == period.start && firesAtStart(of: period) ? start : nil
    }

    /// Whether clocks were put forward over a matching time when the period began.
    private func firesAtStart(of period: ZoneRules.Period) -> Bool {
        guard policy.gap == .shiftForward, period.start > .min else { return false }
        let before = zone.period(at: period.start - 1)
        guard before.offset < period.offset else { return false }
        let gap = period.start + before.offset..<period.start + period.offset
        return expression.first(from: gap.lowerBound, before: gap.upperBound) != nil
    }

    /// Whether, of the instants at which the wall shows this time, the policy wants this one.
    private func isChosen(_ instant: Int64, _ local: Int64, _ period: ZoneRules.Period) -> Bool {
        switch policy.fold {
        case .both:
            return true
        case .first:
            var earlier = period
            while earlier.start > instant - ZoneRules.largestOffset {
                earlier = zone.period(at: earlier.start - 1)
                let other = local - earlier.offset
                if other >= earlier.start, other < earlier.end { return false }
            }
            return true
        case .second:
            var later = period
            while later.end < instant + ZoneRules.largestOffset {
                later = zone.period(at: later.end)
                let other = local - later.offset
                if other >= later.start, other < later.end { return false }
            }
            return true
        }
    }
}
