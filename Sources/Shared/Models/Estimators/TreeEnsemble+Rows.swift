extension TreeEnsemble {
    /// The sums of all rows of a matrix, each begun with `start`.
    func sums(_ rows: Matrix, from start: [Double]) -> Matrix {
        var sums = Matrix(
            rows: rows.rows,
            columns: outputs,
            values: start.count == 1
                ? [Double](repeating: start[0], count: rows.rows * outputs) : (0..<rows.rows).flatMap { _ in start }
        )
        add(rows, to: &sums)
        return sums
    }

    /// Adds the leaves of all rows to sums that have been begun.
    func add(_ rows: Matrix, to sums: inout Matrix) {
        rows.values.withUnsafeBufferPointer { rowValues in
            sums.values.withUnsafeMutableBufferPointer { sumValues in
                guard let input = rowValues.baseAddress, let output = sumValues.baseAddress else { return }
                if rows.rows == 1 {
                    add(row: input, to: output)
                } else {
                    add(rows: input, count: rows.rows, stride: rows.columns, to: output)
                }
            }
        }
    }
}

extension TreeLimits {
    init(_ limits: ReadingLimits) {
        self.init()
        trees = limits.trees
        nodes = limits.treeNodes
    }
}

extension FittedObject {
    /// Says which estimator a fault of a tree or a booster belongs to.
    func adding<Result>(_ body: () throws(ModelRejection) -> Result) throws(ModelRejection) -> Result {
        do { return try body() } catch { throw fault(error.reason, error.message) }
    }
}
