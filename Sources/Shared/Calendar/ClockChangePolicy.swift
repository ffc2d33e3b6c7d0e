/// What a schedule does when the clocks of its zone are changed.
package struct ClockChangePolicy: Sendable, Hashable {
    /// For a time on the wall that does not exist, such as 02:30 when clocks jump from 02:00 to 03:00.
    package enum Gap: String, Sendable, CaseIterable {
        /// It does not fire.
        case skip
        /// It fires at the first instant after the gap: once, however many times of the gap match.
        case shiftForward = "shift_forward"
    }

    /// For a time on the wall that occurs twice, such as 02:30 when clocks go back from 03:00 to 02:00.
    package enum Fold: String, Sendable, CaseIterable {
        case first
        case second
        case both
    }

    package let gap: Gap
    package let fold: Fold

    package init(gap: Gap, fold: Fold) {
        self.gap = gap
        self.fold = fold
    }

    /// Once a day means once a day; but what runs every so many minutes goes on through a repeated hour.
    package static func standard(for expression: CronExpression) -> ClockChangePolicy {
        ClockChangePolicy(gap: .shiftForward, fold: expression.hasWildcardHour ? .both : .first)
    }
}
