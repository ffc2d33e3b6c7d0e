/// An array as the file describes it: shape, type, and where its data lies; its size has been found to fit.
package struct NumpyArray: Sendable {
    package enum Storage: Sendable {
        /// `_reconstruct` made it and BUILD has not filled it yet.
        case unfilled
        case bytes(ByteRange)
        /// The graph's list of the elements, in the array's order.
        case objects(Int32)
    }

    /// More dimensions than this no model has; numpy allows 64.
    static let maxDimensions = 8

    package var shape: [Int] = []
    /// Index into the graph's data types; -1 before BUILD.
    var type: Int32 = -1
    /// For each dimension, how many elements lie between neighbours in the stored order.
    var strides: [Int] = []
    var storage = Storage.unfilled
    let offset: Int32

    var count: Int { shape.reduce(1, *) }

    /// Element distances of a contiguous array.
    static func strides(of shape: [Int], columnMajor: Bool) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        var step = 1
        for axis in columnMajor ? Array(shape.indices) : shape.indices.reversed() {
            strides[axis] = step
            step *= max(shape[axis], 1)
        }
        return strides
    }

    /// How many elements a shape has.
    ///
    /// - Returns: nil when it overflows or has a negative or absurd dimension.
    static func count(of shape: [Int]) -> Int? {
        guard shape.count <= maxDimensions else { return nil }
        var count = 1
        for dimension in shape {
            guard dimension >= 0, dimension <= 1 << 40 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            count = product
        }
        // A zero in one place must not hide 2^40 in another: strides are products too.
        guard shape.reduce(1.0, { $0 * Double(max($1, 1)) }) < 0x1p48 else { return nil }
        return count
    }
}
