/// Order statistics by nearest rank: the smallest observed value that is at least as large as the given share of all.
///
/// An observed value, never one between two, so more usage can never give less.
package enum Percentile {
    /// The value at a fraction of 0 to 1; nil when there are no values.
    package static func of(_ values: [Double], _ fraction: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        var values = values
        return select(&values, rank(values.count, fraction))
    }

    /// Several percentiles of the same values.
    package static func of(_ values: [Double], _ fractions: [Double]) -> [Double] {
        guard !values.isEmpty else { return [] }
        let sorted = values.sorted()
        return fractions.map { sorted[rank(sorted.count, $0)] }
    }

    /// The lower median.
    static func median(_ values: [Int64]) -> Int64 {
        guard !values.isEmpty else { return 1 }
        // Nearly all gaps are equal in practice: then there is nothing to sort.
        if let first = values.first, values.allSatisfy({ $0 == first }) { return first }
        return values.sorted()[(values.count - 1) / 2]
    }

    private static func rank(_ count: Int, _ fraction: Double) -> Int {
        // A hair off the product: 0.95 × 20 must be the 19th of 20 and not, by rounding, the 20th.
        let rank = (fraction * Double(count) - 1e-9).rounded(.up)
        return min(count - 1, max(0, Int(rank) - 1))
    }

    /// Quickselect with a median-of-three pivot: a full sort of every container's week would cost five times as much.
    private static func select(_ values: inout [Double], _ rank: Int) -> Double {
        values.withUnsafeMutableBufferPointer { buffer in
            var low = 0
            var high = buffer.count - 1
            var rounds = 0
            while low < high {
                rounds += 1
                // Crafted orders make pivots bad: after a while sorting what is left is certain to end.
                if rounds > 64 {
                    buffer[low...high].sort()
                    break
                }
                let (left, right) = partition(buffer, low, high)
                if rank <= right {
                    high = right
                } else if rank >= left {
                    low = left
                } else {
                    break
                }
            }
            return buffer[rank]
        }
    }

    private static func partition(_ buffer: UnsafeMutableBufferPointer<Double>, _ low: Int, _ high: Int) -> (Int, Int) {
        let middle = low + (high - low) / 2
        let pivot = max(
            min(buffer[low], buffer[middle]),
            min(max(buffer[low], buffer[middle]), buffer[high])
        )
        var left = low
        var right = high
        while left <= right {
            while buffer[left] < pivot { left += 1 }
            while buffer[right] > pivot { right -= 1 }
            if left <= right {
                buffer.swapAt(left, right)
                left += 1
                right -= 1
            }
        }
        return (left, right)
    }
}
