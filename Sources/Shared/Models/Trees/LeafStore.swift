/// Where the leaves' values lie, by the node's place, and how one is added to a row's sums.
protocol LeafStore {
    associatedtype Sum: BinaryFloatingPoint

    /// Adds the leaf at `node` to `sums`; columns lie `spacing` apart.
    ///
    /// `column` is that of the tree; `row` is what the caller gave, in 64 bits.
    func add(
        _ node: Int,
        column: Int,
        to sums: UnsafeMutablePointer<Sum>,
        _ spacing: Int,
        row: UnsafePointer<Double>
    )
}

/// A value for each node.
struct ScalarLeaves<Sum: BinaryFloatingPoint>: LeafStore {
    let values: UnsafePointer<Sum>

    @inline(__always)
    func add(
        _ node: Int,
        column: Int,
        to sums: UnsafeMutablePointer<Sum>,
        _ spacing: Int,
        row: UnsafePointer<Double>
    ) {
        sums[column &* spacing] += values[node]
    }
}

/// A vector for each leaf.
struct VectorLeaves: LeafStore {
    let slots: UnsafePointer<Int32>
    let values: UnsafePointer<Double>
    let width: Int

    @inline(__always)
    func add(
        _ node: Int,
        column: Int,
        to sums: UnsafeMutablePointer<Double>,
        _ spacing: Int,
        row: UnsafePointer<Double>
    ) {
        let vector = values + Int(slots[node]) &* width
        for column in 0..<width { sums[column &* spacing] += vector[column] }
    }
}

/// A linear function for some leaves, a value for the others.
struct LinearLeaves: LeafStore {
    struct Entry {
        var constant: Double
        var first: Int
        var count: Int
    }

    let values: UnsafePointer<Double>
    /// The place in `entries`, or a negative number.
    let slots: UnsafePointer<Int32>
    let entries: UnsafePointer<Entry>
    let features: UnsafePointer<Int32>
    let coefficients: UnsafePointer<Double>

    @inline(__always)
    func add(
        _ node: Int,
        column: Int,
        to sums: UnsafeMutablePointer<Double>,
        _ spacing: Int,
        row: UnsafePointer<Double>
    ) {
        sums[column &* spacing] += value(node, row)
    }

    private func value(_ node: Int, _ row: UnsafePointer<Double>) -> Double {
        guard slots[node] >= 0 else { return values[node] }
        let entry = entries[Int(slots[node])]
        var total = entry.constant
        for index in entry.first..<entry.first + entry.count {
            let feature = row[Int(features[index])]
            if feature.isNaN { return values[node] }
            total += coefficients[index] * feature
        }
        return total
    }
}
