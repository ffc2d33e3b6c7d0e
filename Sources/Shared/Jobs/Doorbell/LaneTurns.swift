/// Whose turn it is among the lanes: by weight, and by age when a lane has waited too long.
///
/// Stride scheduling: each lane has a pass that grows by what it was given over its weight; the smallest goes first. It is
/// fair however small the portions are, down to single jobs, where shares of a batch round to nothing.
struct LaneTurns {
    /// A lane with work that was given none for this long goes first, whatever its weight.
    static let patience: Duration = .seconds(5)

    private struct Turn {
        var pass = 0.0
        var lastServed: ContinuousClock.Instant
    }

    private var turns: [Lane: Turn]

    init(_ lanes: [Lane], now: ContinuousClock.Instant) {
        turns = Dictionary(lanes.map { ($0, Turn(lastServed: now)) }) { first, _ in first }
    }

    /// The lanes in the order in which they are to be asked.
    func order(now: ContinuousClock.Instant) -> [Lane] {
        turns.keys.sorted { left, right in
            let (a, b) = (isOverdue(left, now), isOverdue(right, now))
            if a != b { return a }
            let (passA, passB) = (turns[left]?.pass ?? 0, turns[right]?.pass ?? 0)
            return passA == passB ? left < right : passA < passB
        }
    }

    /// How many of `room` places a lane should get when it has more than that to offer.
    func share(of lane: Lane, among lanes: [Lane], room: Int) -> Int {
        let total = lanes.reduce(0) { $0 + $1.weight }
        return max(1, room * lane.weight / max(1, total))
    }

    /// Notes that a lane was given `count` jobs, or had nothing to give.
    mutating func served(_ lane: Lane, count: Int, now: ContinuousClock.Instant) {
        guard var turn = turns[lane] else { return }
        // Empty or not, it had its chance: only a lane that was never asked grows old.
        turn.lastServed = now
        turn.pass += Double(count) / Double(lane.weight)
        // A lane that was idle must not save its turns up and then keep the others out.
        let least = turns.values.map(\.pass).max() ?? 0
        if count == 0 { turn.pass = max(turn.pass, least - 1) }
        turns[lane] = turn
    }

    private func isOverdue(_ lane: Lane, _ now: ContinuousClock.Instant) -> Bool {
        turns[lane].map { now - $0.lastServed > Self.patience } ?? false
    }
}
