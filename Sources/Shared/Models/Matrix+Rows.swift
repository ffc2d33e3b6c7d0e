extension Matrix {
    /// The place of the largest value of a row, the first of equal ones.
    func largest(inRow row: Int) -> Int {
        var best = 0
        for column in 1..<max(columns, 1) where self[row, column] > self[row, best] { best = column }
        return best
    }

    /// `map` over all values.
    func mapped(_ change: (Double) -> Double) -> Matrix {
        Matrix(rows: rows, columns: columns, values: values.map(change))
    }

    /// e^x over the sum of all of the row, the largest taken off first.
    func softmax() -> Matrix {
        var result = self
        for row in 0..<rows {
            let range = row * columns..<(row + 1) * columns
            let top = values[range].max() ?? 0
            var sum = 0.0
            for index in range {
                result.values[index] = exponential(values[index] - top)
                sum += result.values[index]
            }
            for index in range { result.values[index] /= sum }
        }
        return result
    }

    /// Each row divided by its sum; a row of zeros becomes `uniform`.
    func normalized(uniformWhereZero: Bool = false) -> Matrix {
        var result = self
        for row in 0..<rows {
            let range = row * columns..<(row + 1) * columns
            let sum = values[range].reduce(0, +)
            for index in range {
                result.values[index] =
                    sum == 0 ? (uniformWhereZero ? 1 / Double(columns) : values[index]) : values[index] / sum
            }
        }
        return result
    }

    /// Two columns out of one: 1 - p and p.
    func withComplement() -> Matrix {
        Matrix(rows: rows, columns: 2, values: values.flatMap { [1 - $0, $0] })
    }

    /// One column as an array.
    func column(_ column: Int) -> [Double] { (0..<rows).map { self[$0, column] } }

    /// Rows times the rows of `weights` plus `offsets`: `x wᵀ + b`.
    func timesTransposed(_ weights: Matrix, plus offsets: [Double]) -> Matrix {
        var result = [Double](repeating: 0, count: rows * weights.rows)
        values.withUnsafeBufferPointer { x in
            weights.values.withUnsafeBufferPointer { w in
                for row in 0..<rows {
                    for output in 0..<weights.rows {
                        var sum = 0.0
                        for column in 0..<columns { sum += x[row * columns + column] * w[output * columns + column] }
                        result[row * weights.rows + output] = sum + offsets[output]
                    }
                }
            }
        }
        return Matrix(rows: rows, columns: weights.rows, values: result)
    }
}
