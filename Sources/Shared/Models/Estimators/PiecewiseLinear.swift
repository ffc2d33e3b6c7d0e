/// Straight lines between points, as numpy's `interp` draws them.
struct PiecewiseLinear: Sendable {
    let x: [Double]
    let y: [Double]

    /// - Returns: nil unless there are as many of both, at least one, and x never falls.
    init?(x: [Double], y: [Double]) {
        guard !x.isEmpty, x.count == y.count, zip(x, x.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
        self.x = x
        self.y = y
    }

    func contains(_ value: Double) -> Bool { x.count == 1 || (value >= x[0] && value <= x[x.count - 1]) }

    /// The value at a place; beyond the ends that of the end.
    func value(_ place: Double) -> Double {
        if place.isNaN { return .nan }
        guard place < x[x.count - 1] else { return y[y.count - 1] }
        guard place >= x[0] else { return y[0] }
        // The last point that is not beyond the place; the points may coincide.
        var (low, high) = (0, x.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if x[middle] <= place { low = middle } else { high = middle }
        }
        if x[low] == place { return y[low] }
        return (y[low + 1] - y[low]) / (x[low + 1] - x[low]) * (place - x[low]) + y[low]
    }
}
