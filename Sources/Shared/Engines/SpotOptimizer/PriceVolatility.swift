package import Contract

/// How restless a pool's price was during the last week.
package struct PriceVolatility: Sendable, Hashable {
    /// Standard deviation over mean, each price weighted by how long it held.
    package let coefficientOfVariation: Double
    package let points: Int
    package let hours: Double

    /// Measures the window that ends at `now`; nothing when there are fewer than two prices or less than a day.
    ///
    /// The last price before the window counts from the window's start, because it was the price then; prices after
    /// `now` do not exist yet.
    package init?(_ points: [PricePoint], now: Timestamp, policy: SpotPolicy = .standard) {
        let start = now.adding(days: -policy.volatilityWindowDays)
        var first = 0
        var end = 0
        for (index, point) in points.enumerated() {
            if point.at <= start { first = index }
            if point.at <= now { end = index + 1 }
        }
        guard end - first >= 2 else { return nil }
        let begin = max(start, points[first].at)
        let span = now.hours(since: begin)
        guard span >= policy.minimumHistoryHours else { return nil }

        // Two passes: subtracting the mean first keeps a flat price at exactly zero.
        var sum = 0.0
        Self.forEachHeld(points[first..<end], from: begin, to: now) { sum += $0 * $1 }
        let mean = sum / span
        var squares = 0.0
        Self.forEachHeld(points[first..<end], from: begin, to: now) { squares += ($0 - mean) * ($0 - mean) * $1 }
        coefficientOfVariation = (squares / span).squareRoot() / mean
        self.points = end - first
        hours = span
    }

    private static func forEachHeld(
        _ points: ArraySlice<PricePoint>,
        from begin: Timestamp,
        to now: Timestamp,
        _ body: (Double, Double) -> Void
    ) {
        for index in points.indices {
            let from = max(begin, points[index].at)
            let until = index + 1 < points.endIndex ? points[index + 1].at : now
            body(points[index].price, until.hours(since: from))
        }
    }
}
