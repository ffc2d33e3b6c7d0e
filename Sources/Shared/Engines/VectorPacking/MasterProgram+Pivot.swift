/// The inverse of the basis: one pivot, and all of them again when errors have added up.
extension MasterProgram {
    /// `step` = inverse × the column.
    func loadStep(_ basic: Basic) {
        switch basic {
        case .pattern(let column):
            step.fill(0)
            for entry in start[column]..<start[column + 1] { addColumn(entryRow[entry], entryValue[entry]) }
        case .surplus(let item):
            step.fill(0)
            addColumn(item, -1)
        case .artificial(let row), .slack(let row):
            step.fill(0)
            addColumn(row, 1)
        }
    }

    private func addColumn(_ column: Int, _ factor: Double) {
        var row = 0
        var place = column
        while row < rows {
            step.base[row] += factor * inverse.base[place]
            place += rows
            row += 1
        }
        meter.spend(rows)
    }

    /// Brings the column in `step` into the basis at that row; `reduced` is its reduced cost.
    func pivot(_ row: Int, _ entering: Basic, reduced: Double) {
        let factor = 1 / step.base[row]
        let pivotRow = inverse.base + row * rows
        var count = 0
        var column = 0
        while column < rows {
            if pivotRow[column] != 0 {
                nonzero.base[count] = column
                count += 1
                dual.base[column] += reduced * factor * pivotRow[column]
                pivotRow[column] *= factor
            }
            column += 1
        }
        let amount = value.base[row] * factor
        var other = 0
        var touched = 0
        while other < rows {
            let share = step.base[other]
            if other != row, share != 0 {
                value.base[other] -= share * amount
                subtract(share, pivotRow, inverse.base + other * rows, count)
                touched += 1
            }
            other += 1
        }
        value.base[row] = amount
        meter.spend(rows * 2 + touched * count / 2)
        if case .pattern(let leaving) = basis[row] { isBasic[leaving] = false }
        if case .pattern(let column) = entering { isBasic[column] = true }
        basis[row] = entering
        pivots += 1
    }

    /// Row by row, either densely or through the list of what is not zero.
    @inline(__always)
    private func subtract(
        _ share: Double,
        _ from: UnsafeMutablePointer<Double>,
        _ target: UnsafeMutablePointer<Double>,
        _ count: Int
    ) {
        if count * 3 > rows {
            var column = 0
            while column < rows {
                target[column] -= share * from[column]
                column += 1
            }
        } else {
            var place = 0
            while place < count {
                let column = nonzero.base[place]
                target[column] -= share * from[column]
                place += 1
            }
        }
    }

    /// Builds inverse, values and duals from the basis alone.
    func refactor() {
        let wanted = basis
        for column in isBasic.indices { isBasic[column] = false }
        inverse.fill(0)
        for row in 0..<rows {
            inverse.base[row * rows + row] = 1
            value.base[row] = right.base[row]
        }
        dual.fill(0)
        basis = (0..<rows).map { $0 < instance.items ? .artificial($0) : .slack($0) }
        var open = Array(repeating: true, count: rows)
        // Unit columns first: they keep the inverse sparse.
        for pass in 0..<2 {
            for basic in wanted {
                if case .pattern = basic, pass == 0 { continue }
                if pass == 1 { guard case .pattern = basic else { continue } }
                loadStep(basic)
                var best = -1
                for row in 0..<rows where open[row] {
                    if best < 0 || abs(step.base[row]) > abs(step.base[best]) + 1e-9 { best = row }
                }
                // A column that depends on the others is left out: the artificial or slack of the row stays.
                guard best >= 0, abs(step.base[best]) > 1e-9 else { continue }
                open[best] = false
                pivot(best, basic, reduced: 0)
            }
        }
        pivots = 0
        loadDuals()
    }

    /// Duals = costs of the basis × inverse.
    func loadDuals() {
        dual.fill(0)
        for row in 0..<rows {
            let cost = cost(basis[row])
            guard cost != 0 else { continue }
            var column = 0
            while column < rows {
                dual.base[column] += cost * inverse.base[row * rows + column]
                column += 1
            }
        }
        meter.spend(rows * rows)
    }

    /// Values = inverse × right side.
    func loadValues() {
        for row in 0..<rows {
            var sum = 0.0
            var column = 0
            while column < rows {
                sum += inverse.base[row * rows + column] * right.base[column]
                column += 1
            }
            value.base[row] = sum
        }
        meter.spend(rows * rows)
    }

    static var pivotsUntilRefactor: Int { 150 }
}
