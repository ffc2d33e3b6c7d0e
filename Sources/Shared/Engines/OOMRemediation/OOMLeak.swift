/// Tells a leak from a limit that is too low: memory that climbs in a straight line from every start to every kill.
package enum OOMLeak {
    /// Fewer points make any line straight.
    private static let leastPoints = 6
    private static let straightness = 0.9

    /// - Parameters:
    ///   - points: One container's memory in order of time.
    ///   - kills: When it was killed, in milliseconds; a fall to less than half counts as a restart as well.
    /// - Returns: How many lives between restarts rose in a straight line.
    package static func risingLives(_ points: [UsagePoint], kills: [Int64]) -> Int {
        var kills = kills.sorted()[...]
        var life: [UsagePoint] = []
        var count = 0
        for point in points {
            var isNew = false
            while let kill = kills.first, kill < point.milliseconds {
                kills.removeFirst()
                isNew = true
            }
            if let last = life.last, point.value < last.value / 2 { isNew = true }
            if isNew {
                if isRising(life) { count += 1 }
                life = []
            }
            life.append(point)
        }
        return count + (isRising(life) ? 1 : 0)
    }

    /// A straight line upwards: r² above 0.9, and no step down.
    private static func isRising(_ life: [UsagePoint]) -> Bool {
        guard life.count >= leastPoints, let first = life.first, let last = life.last, last.value > first.value,
            zip(life, life.dropFirst()).allSatisfy({ $1.value >= $0.value })
        else { return false }
        let count = Double(life.count)
        let times = life.map { Double($0.milliseconds - first.milliseconds) / 1000 }
        // Relative to the last value: squares of bytes would lose what matters.
        let values = life.map { $0.value / last.value }
        let meanTime = times.reduce(0, +) / count
        let meanValue = values.reduce(0, +) / count
        var timeTime = 0.0
        var timeValue = 0.0
        var valueValue = 0.0
        for (time, value) in zip(times, values) {
            timeTime += (time - meanTime) * (time - meanTime)
            timeValue += (time - meanTime) * (value - meanValue)
            valueValue += (value - meanValue) * (value - meanValue)
        }
        guard timeTime > 0, valueValue > 0 else { return false }
        return timeValue > 0 && timeValue * timeValue / (timeTime * valueValue) > straightness
    }
}
