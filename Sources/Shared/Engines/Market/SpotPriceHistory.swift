package import Contract

/// A price from one instant on, until the next.
package struct PricePoint: Sendable, Hashable, Codable {
    package var at: Timestamp
    /// USD per hour.
    package var price: Double

    package init(at: Timestamp, price: Double) {
        self.at = at
        self.price = price
    }
}

/// The price changes of one (type, zone) pool, oldest first.
///
/// Should begin with the last change before the window of interest: prices hold until they change.
package struct SpotPriceHistory: Sendable, Hashable, Codable {
    package var instanceType: String
    package var zone: String
    package let points: [PricePoint]

    /// Puts the points in order and drops what is no price: zero, negative and not finite mean missing.
    ///
    /// Of several prices at one instant the highest stays, whatever order they came in.
    package init(instanceType: String, zone: String, points: [PricePoint]) {
        self.instanceType = instanceType
        self.zone = zone
        let valid = points.filter { $0.price.isFinite && $0.price > 0 }
        var ordered: [PricePoint] = []
        ordered.reserveCapacity(valid.count)
        for point in valid.sorted(by: { ($0.at, $0.price) < ($1.at, $1.price) }) {
            if ordered.last?.at == point.at { ordered.removeLast() }
            ordered.append(point)
        }
        self.points = ordered
    }
}

/// What past interruptions taught about a pool.
package struct LearnedScore: Sendable, Hashable, Codable {
    package var instanceType: String
    package var zone: String
    /// 0 to 1, 1 is safe.
    package var score: Double
    /// 0 to 1.
    package var confidence: Double

    package init(instanceType: String, zone: String, score: Double, confidence: Double) {
        self.instanceType = instanceType
        self.zone = zone
        self.score = score
        self.confidence = confidence
    }
}
