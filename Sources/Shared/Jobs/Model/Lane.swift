/// A class of urgency.
///
/// Each lane is a stream of its own, so that bulk work cannot stand before a decision.
package enum Lane: String, Sendable, CaseIterable, Comparable {
    case critical, interactive, batch, bulk

    /// The share of reads a lane gets while all have work: twice the next lane's.
    package var weight: Int {
        switch self {
        case .critical: 8
        case .interactive: 4
        case .batch: 2
        case .bulk: 1
        }
    }

    /// More urgent lanes come first.
    package static func < (left: Lane, right: Lane) -> Bool {
        left.weight > right.weight
    }
}
