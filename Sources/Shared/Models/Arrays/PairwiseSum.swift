extension RandomAccessCollection where Element == Double, Index == Int {
    /// The sum in the order in which numpy adds the elements of a row: eight running sums, halves beyond 128 elements.
    var pairwiseSum: Double { sum(startIndex, count) }

    private func sum(_ start: Int, _ count: Int) -> Double {
        if count < 8 {
            var total = 0.0
            for index in start..<start + count { total += self[index] }
            return total
        }
        guard count > 128 else {
            var sums = (0..<8).map { self[start + $0] }
            var index = 8
            while index < count - count % 8 {
                for lane in 0..<8 { sums[lane] += self[start + index + lane] }
                index += 8
            }
            var total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
            while index < count {
                total += self[start + index]
                index += 1
            }
            return total
        }
        let half = count / 2 - count / 2 % 8
        return sum(start, half) + sum(start + half, count - half)
    }
}
