import Glibc

/// The bucket scheme of the Vertical Pod Autoscaler's histograms: each bucket is 5 % wider than the one before it.
///
/// Bucket 0 starts at 0; bucket n starts at first · (rⁿ − 1) / (r − 1). The last bucket starts at or above the largest
/// value and has no end.
package struct ExponentialBuckets: Sendable, Hashable {
    package let first: Double
    package let ratio: Double
    package let count: Int
    private let starts: [Double]
    private let logRatio: Double

    package init(largest: Double, first: Double, ratio: Double) {
        self.first = first
        self.ratio = ratio
        let logRatio = log(ratio)
        self.logRatio = logRatio
        let count = Int((log(largest * (ratio - 1) / first + 1) / logRatio).rounded(.up)) + 1
        self.count = count
        starts = (0..<count).map { $0 == 0 ? 0 : first * (pow(ratio, Double($0)) - 1) / (ratio - 1) }
    }

    /// Cores: from 0.01 to 1000.
    package static let cpu = ExponentialBuckets(largest: 1000, first: 0.01, ratio: 1.05)
    /// Bytes: from 10 MB to 1 TB.
    package static let memory = ExponentialBuckets(largest: 1e12, first: 1e7, ratio: 1.05)

    /// The start of a bucket; beyond the last one, the start of the last.
    package func start(_ bucket: Int) -> Double { starts[min(max(bucket, 0), count - 1)] }

    @inline(__always)
    package func bucket(of value: Double) -> Int {
        if !(value >= first) { return 0 }
        if value >= starts[count - 1] { return count - 1 }
        return min(count - 1, Int(log(value * (ratio - 1) / first + 1) / logRatio))
    }
}
