/// Rows for a model, or what a transformer makes of them: numbers, or columns that may hold texts.
package struct Features: Sendable, Equatable {
    package enum Storage: Sendable, Equatable {
        /// Row by row; NaN is a missing value.
        case numbers([Double])
        /// Row by row.
        case cells([Cell])
    }

    /// Columns beyond which no table goes, whatever the transformers of a file would make of it.
    static let maxColumns = 1 << 20
    /// Values of one table, 1 GiB as numbers.
    static let maxValues = 1 << 27

    package let rows: Int
    package let columns: Int
    package let storage: Storage

    package init(_ matrix: Matrix) {
        rows = matrix.rows
        columns = matrix.columns
        storage = .numbers(matrix.values)
    }

    /// - Precondition: `cells.count == rows * columns`.
    package init(rows: Int, columns: Int, cells: [Cell]) {
        precondition(cells.count == rows * columns, "a table of \(rows) x \(columns) has \(cells.count) cells")
        self.rows = rows
        self.columns = columns
        storage = .cells(cells)
    }

    package subscript(row: Int, column: Int) -> Cell {
        switch storage {
        case .numbers(let values): .number(values[row * columns + column])
        case .cells(let cells): cells[row * columns + column]
        }
    }

    /// All values as numbers.
    ///
    /// - Returns: what the estimators that compute take.
    /// - Throws: when there is a text among them.
    func numbers() throws(PredictionError) -> Matrix {
        switch storage {
        case .numbers(let values): return Matrix(rows: rows, columns: columns, values: values)
        case .cells(let cells):
            var values: [Double] = []
            values.reserveCapacity(cells.count)
            for (index, cell) in cells.enumerated() {
                guard case .number(let number) = cell else {
                    throw .notANumber(row: index / columns, column: index % columns)
                }
                values.append(number)
            }
            return Matrix(rows: rows, columns: columns, values: values)
        }
    }

    /// Some of the columns, in the order given.
    func selecting(_ chosen: [Int]) -> Features {
        switch storage {
        case .numbers(let values):
            return Features(Matrix(rows: rows, columns: chosen.count, values: pick(values, chosen)))
        case .cells(let cells):
            let picked = pick(cells, chosen)
            var numbers: [Double] = []
            numbers.reserveCapacity(picked.count)
            for cell in picked {
                guard case .number(let number) = cell else {
                    return Features(rows: rows, columns: chosen.count, cells: picked)
                }
                numbers.append(number)
            }
            return Features(Matrix(rows: rows, columns: chosen.count, values: numbers))
        }
    }

    private func pick<Value>(_ values: [Value], _ chosen: [Int]) -> [Value] {
        var picked: [Value] = []
        picked.reserveCapacity(rows * chosen.count)
        for row in 0..<rows {
            for column in chosen { picked.append(values[row * columns + column]) }
        }
        return picked
    }

    /// Refuses tables that a chain of transformers blows up: each may double the columns.
    static func checkSize(rows: Int, columns: Int) throws(PredictionError) {
        let (values, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard columns <= maxColumns, !overflow, values <= maxValues else {
            throw .other("the model makes \(columns) columns of \(rows) rows, more than is computed at once")
        }
    }

    /// The columns of several tables side by side; all have as many rows.
    static func joining(_ parts: [Features], rows: Int) throws(PredictionError) -> Features {
        let columns = parts.reduce(0) { $0 + $1.columns }
        try checkSize(rows: rows, columns: columns)
        let numbers = parts.compactMap { part -> [Double]? in
            if case .numbers(let values) = part.storage { values } else { nil }
        }
        if numbers.count == parts.count {
            var values: [Double] = []
            values.reserveCapacity(rows * columns)
            for row in 0..<rows {
                for (part, numbers) in zip(parts, numbers) {
                    values.append(contentsOf: numbers[row * part.columns..<(row + 1) * part.columns])
                }
            }
            return Features(Matrix(rows: rows, columns: columns, values: values))
        }
        var cells: [Cell] = []
        cells.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for part in parts {
                for column in 0..<part.columns { cells.append(part[row, column]) }
            }
        }
        return Features(rows: rows, columns: columns, cells: cells)
    }
}
