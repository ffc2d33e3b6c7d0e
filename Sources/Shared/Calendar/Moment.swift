/// An instant, in whole seconds since 1970-01-01T00:00:00Z.
///
/// Schedules fire on whole minutes of some wall; seconds are finer than any of them and exact.
package struct Moment: Hashable, Comparable, Sendable {
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    package static func < (left: Moment, right: Moment) -> Bool { left.seconds < right.seconds }

    package func adding(seconds: Int64) -> Moment { Moment(seconds: self.seconds + seconds) }
}

extension Moment: CustomStringConvertible {
    /// `2026-03-29T01:00:00Z`.
    package var description: String { CivilTime(seconds: seconds).text(separator: "T", seconds: true) + "Z" }
}
