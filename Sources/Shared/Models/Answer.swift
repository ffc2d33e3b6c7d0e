/// What `predict` answers.
package enum Answer: Sendable, Equatable {
    /// One value for each row.
    case values([Double])
    /// Several for each row.
    case rows(Matrix)
    case labels([Label])

    package var count: Int {
        switch self {
        case .values(let values): values.count
        case .rows(let matrix): matrix.rows
        case .labels(let labels): labels.count
        }
    }

    /// One column as numbers, several as they are; labels that are numbers count as such.
    ///
    /// - Returns: nil for labels that are texts.
    var matrix: Matrix? {
        switch self {
        case .values(let values): return Matrix(rows: values.count, columns: 1, values: values)
        case .rows(let matrix): return matrix
        case .labels(let labels):
            let numbers = labels.compactMap(\.number)
            return numbers.count == labels.count ? Matrix(rows: labels.count, columns: 1, values: numbers) : nil
        }
    }
}
