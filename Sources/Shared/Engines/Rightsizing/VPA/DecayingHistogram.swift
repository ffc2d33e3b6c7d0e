import Glibc

/// A histogram in which a sample loses half its weight every day, as the Vertical Pod Autoscaler keeps it.
///
/// Weights grow with 2^((time − reference) / half-life) instead of shrinking; the reference, a multiple of the half-life,
/// moves forward before the exponent grows too large.
package struct DecayingHistogram: Sendable {
    /// 24 hours in milliseconds.
    package static let halfLife: Int64 = 86_400_000
    /// A bucket below this weight counts as empty.
    static let epsilon = 0.001 * 0.1
    private static let maximumExponent: Int64 = 100

    private let buckets: ExponentialBuckets
    private var weights: [Double]
    private var total = 0.0
    private var lowest: Int
    private var highest = 0
    /// Milliseconds since 1970; nil until the first sample.
    private var reference: Int64?

    package init(_ buckets: ExponentialBuckets) {
        self.buckets = buckets
        weights = Array(repeating: 0, count: buckets.count)
        lowest = buckets.count - 1
    }

    package var isEmpty: Bool { weights[lowest] < Self.epsilon }

    package mutating func add(_ value: Double, weight: Double, at milliseconds: Int64) {
        let weight = weight * decay(milliseconds)
        let bucket = buckets.bucket(of: value)
        weights[bucket] += weight
        total += weight
        guard weights[bucket] >= Self.epsilon else { return }
        if bucket < lowest { lowest = bucket }
        if bucket > highest { highest = bucket }
    }

    /// Takes back a sample that was added.
    package mutating func subtract(_ value: Double, weight: Double, at milliseconds: Int64) {
        var weight = weight * decay(milliseconds)
        let bucket = buckets.bucket(of: value)
        if weight > weights[bucket] - Self.epsilon { weight = weights[bucket] }
        total -= weight
        weights[bucket] -= weight
        narrow()
    }

    /// The END of the bucket in which the running weight reaches the fraction of all weight; 0 when empty.
    package func percentile(_ fraction: Double) -> Double {
        guard !isEmpty else { return 0 }
        let threshold = fraction * total
        var sum = 0.0
        var bucket = lowest
        while bucket < highest {
            sum += weights[bucket]
            if sum >= threshold { break }
            bucket += 1
        }
        return buckets.start(bucket < buckets.count - 1 ? bucket + 1 : bucket)
    }

    private mutating func decay(_ milliseconds: Int64) -> Double {
        let base: Int64
        if let reference, milliseconds &- reference <= Self.halfLife * Self.maximumExponent {
            base = reference
        } else {
            base = shift(to: milliseconds)
        }
        return exp2(Double(milliseconds - base) / Double(Self.halfLife))
    }

    /// Moves the reference to the nearest multiple of the half-life (halves go up) and rescales what is there.
    private mutating func shift(to milliseconds: Int64) -> Int64 {
        let half = Self.halfLife
        let remainder = ((milliseconds % half) + half) % half
        let moved = remainder + remainder < half ? milliseconds - remainder : milliseconds + (half - remainder)
        if let reference {
            let factor = exp2(Double((reference - moved) / half))
            for bucket in weights.indices { weights[bucket] *= factor }
            total *= factor
            narrow()
        }
        reference = moved
        return moved
    }

    private mutating func narrow() {
        while weights[lowest] < Self.epsilon, lowest < buckets.count - 1 { lowest += 1 }
        while weights[highest] < Self.epsilon, highest > 0 { highest -= 1 }
    }
}
