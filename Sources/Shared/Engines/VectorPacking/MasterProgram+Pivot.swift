/// The inverse of the basis: one pivot, and all of them again when errors have added up.
extension MasterProgram {
    /// `step` = inverse × the column.
    func loadStep(_ basic: Basic) {
        switch basic {
        case .pattern(let column):
            step.update(repeating: 0, count: rows)
            for entry in store.start[column]..<store.start[column + 1] {
                addColumn(store.row[entry], store.value[entry])
            }
        case .surplus(let item):
            step.update(repeating: 0, count: rows)
            addColumn(item, -1)
        case .artificial(let row), .slack(let row):
            step.update(repeating: 0, count: rows)
            addColumn(row, 1)
        }
    }

    private func addColumn(_ column: Int, _ factor: Double) {
        var row = 0
        var place = column
        while row < rows {
            step[row] += factor * inverse[place]
            place += rows
            row += 1
        }
        meter.spend(rows)
    }

    /// Brings the column in `step` into the basis at that row; `reduced` is its reduced cost.
    func pivot(_ row: Int, _ entering: Basic, reduced: Double) {
        let factor = 1 / step[row]
        let pivotRow = inverse + row * rows
        var count = 0
        var column = 0
        while column < rows {
            if pivotRow[column] != 0 {
                nonzero[count] = column
                count += 1
                dual[column] += reduced * factor * pivotRow[column]
                pivotRow[column] *= factor
            }
            column += 1
        }
        let amount = value[row] * factor
        var other = 0
        var touched = 0
        while other < rows {
            let share = step[other]
            if other != row, share != 0 {
                value[other] -= share * amount
                subtract(share, pivotRow, inverse + other * rows, count)
                touched += 1
            }
            other += 1
        }
        value[row] = amount
        meter.spend(rows * 2 + touched * count / 2)
        if case .pattern(let leaving) = basis[row] { store.isBasic[leaving] = false }
        if case .pattern(let column) = entering { store.isBasic[column] = true }
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
                let column = nonzero[place]
                target[column] -= share * from[column]
                place += 1
            }
        }
    }

    /// Builds inverse, values and duals from the basis alone.
    func refactor() {
        let wanted = basis
        store.isBasic.update(repeating: false, count: store.count)
        inverse.update(repeating: 0, count: rows * rows)
        for row in 0..<rows {
            inverse[row * rows + row] = 1
            value[row] = right[row]
        }
        dual.update(repeating: 0, count: rows)
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
                    if best < 0 || abs(step[row]) > abs(step[best]) + 1e-9 { best = row }
                }
                // A column that depends on the others is left out: the artificial or slack of the row stays.
                guard best >= 0, abs(step[best]) > 1e-9 else { continue }
                open[best] = false
                pivot(best, basic, reduced: 0)
            }
        }
        pivots = 0
        loadDuals()
    }

    /// Duals = costs of the basis × inverse.
    func loadDuals() {
        dual.update(repeating: 0, count: rows)
        for row in 0..<rows {
            let cost = cost(basis[row])
            guard cost != 0 else { continue }
            var column = 0
            while column < rows {
                dual[column] += cost * inverse[row * rows + column]
                column += 1
            }
        }
        meter.spend(rows * rows)
        loadReduced()
    }

    /// Values = inverse × right side.
    func loadValues() {
        for row in 0..<rows {
            var sum = 0.0
            var column = 0
            while column < rows {
                sum += inverse[row * rows + column] * right[column]
                column += 1
            }
            value[row] = sum
        }
        meter.spend(rows * rows)
    }

    /// Looks at the errors now and then, and builds the inverse anew when they show.
    func refresh() {
        guard pivots >= Self.pivotsUntilCheck else { return }
        pivots = 0
        if error > 1e-6 { refactor() }
    }

    private static var pivotsUntilCheck: Int { 100 }

    /// The largest of: reduced costs of the basis, which are 0, and what the values miss of the right side.
    private var error: Double {
        step.update(from: right, count: rows)
        var largest = 0.0
        for row in 0..<rows {
            switch basis[row] {
            case .pattern(let column):
                largest = max(largest, abs(reducedCost(column)))
                for entry in store.start[column]..<store.start[column + 1] {
                    step[store.row[entry]] -= store.value[entry] * value[row]
                }
            case .surplus(let item): step[item] += value[row]
            case .artificial(let other), .slack(let other): step[other] -= value[row]
            }
        }
        for row in 0..<rows { largest = max(largest, abs(step[row]) / (1 + abs(right[row]))) }
        meter.spend(rows * 8)
        return largest
    }
}
