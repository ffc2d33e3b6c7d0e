/// Rows of features, or of answers, one after the other.
package struct Matrix: Equatable, Sendable {
    package let rows: Int
    package let columns: Int
    /// Row by row; NaN is a missing value.
    package var values: [Double]

    /// - Precondition: `values.count == rows * columns`.
    package init(rows: Int, columns: Int, values: [Double]) {
        precondition(values.count == rows * columns, "a matrix of \(rows) x \(columns) has \(values.count) values")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    package subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }
}
