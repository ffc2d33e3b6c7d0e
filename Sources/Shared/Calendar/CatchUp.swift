/// What happens to fires that came due while nobody was there to fire them.
package enum CatchUpPolicy: Sendable, Hashable {
    /// They are dropped.
    case skip
    /// The newest of them fires, unless a fire is on time.
    case latest
    /// The newest so many fire.
    case all(limit: Int)
    /// Those fire that are not older than this many seconds.
    case within(seconds: Int64)
}

/// One fire that is to happen now.
package struct DueFire: Sendable, Hashable {
    package let moment: Moment
    /// Whether it is late, so that only the catch-up policy lets it happen.
    package let isCatchUp: Bool

    package init(moment: Moment, isCatchUp: Bool) {
        self.moment = moment
        self.isCatchUp = isCatchUp
    }
}

/// What is due at a moment.
package struct DueFires: Sendable, Equatable {
    /// In order; at most one batch of them.
    package let fires: [DueFire]
    /// How many the policy drops; counted up to ``Recurrence/countLimit``.
    package let dropped: Int
    /// All fires up to and including this one are decided: the new last fire.
    package let decidedUntil: Moment
}

extension Recurrence {
    /// A fire within this many seconds is on time: a restart, or a database that stalls, is no downtime.
    package static let grace: Int64 = 60
    /// Dropped fires are counted no further: two months of minutes need no exact number.
    package static let countLimit = 10_000

    /// What is due at `now`, given that all fires up to `last` are decided; nil when nothing is.
    ///
    /// When more than `batch` fires are due, the oldest come first and the rest with the next question. A clock that
    /// was put back makes nothing due twice, since `last` never goes back.
    package func due(after last: Moment, at now: Moment, catchUp: CatchUpPolicy, batch: Int = 500) -> DueFires? {
        guard let oldest = next(after: last), oldest <= now else { return nil }
        let onTime = now.adding(seconds: -Self.grace)
        let start = max(last, firstWanted(after: last, onTime: onTime, now: now, catchUp).adding(seconds: -1))
        let chosen = fires(after: start, through: now, limit: batch)
        let newest = chosen.last ?? previous(before: now.adding(seconds: 1)) ?? oldest
        return DueFires(
            fires: chosen.map { DueFire(moment: $0, isCatchUp: $0 < onTime) },
            dropped: fires(after: last, through: start, limit: Self.countLimit).count,
            decidedUntil: newest
        )
    }

    /// The earliest moment whose fire the policy wants.
    private func firstWanted(after last: Moment, onTime: Moment, now: Moment, _ policy: CatchUpPolicy) -> Moment {
        switch policy {
        case .skip:
            return onTime
        case .within(let seconds):
            return min(onTime, now.adding(seconds: -seconds))
        case .latest:
            if let first = next(after: onTime.adding(seconds: -1)), first <= now { return onTime }
            return previous(before: onTime) ?? onTime
        case .all(let limit):
            var first = onTime
            for _ in 0..<max(0, limit) {
                guard let earlier = previous(before: first), earlier > last else { break }
                first = earlier
            }
            return first
        }
    }
}
