/// The two walks: primal after new columns, dual after changed demands.
extension MasterProgram {
    private static var tolerance: Double { 1e-9 }

    /// Until no column lowers the cost or the steps end; false in the second case.
    func optimise() -> Bool {
        while !meter.isExhausted {
            if pivots >= Self.pivotsUntilRefactor { refactor() }
            guard let (entering, reduced) = entering() else { return true }
            loadStep(entering)
            guard let row = leaving() else { return true }
            pivot(row, entering, reduced: reduced)
        }
        return false
    }

    /// The column with the most negative reduced cost.
    private func entering() -> (Basic, Double)? {
        var best: Basic?
        var least = -Self.tolerance
        for item in 0..<instance.items where dual.base[item] < least {
            least = dual.base[item]
            best = .surplus(item)
        }
        for row in instance.items..<rows where -dual.base[row] < least {
            least = -dual.base[row]
            best = .slack(row)
        }
        for column in columns.indices where !isBasic[column] {
            let reduced = reducedCost(column)
            if reduced < least {
                least = reduced
                best = .pattern(column)
            }
        }
        meter.spend(entryRow.count + rows)
        return best.map { ($0, least) }
    }

    /// The row that reaches zero first; of those nearly equal the one with the largest pivot, artificial ones before.
    private func leaving() -> Int? {
        var least = Double.infinity
        for row in 0..<rows where step.base[row] > Self.tolerance {
            least = min(least, max(0, value.base[row]) / step.base[row])
        }
        guard least < .infinity else { return nil }
        let bound = least + 1e-10 + least * 1e-9
        var best = -1
        var size = 0.0
        for row in 0..<rows where step.base[row] > Self.tolerance && max(0, value.base[row]) / step.base[row] <= bound {
            var weight = step.base[row]
            if case .artificial = basis[row] { weight *= 10 }
            if weight > size {
                best = row
                size = weight
            }
        }
        meter.spend(rows * 2)
        return best < 0 ? nil : best
    }

    // MARK: Dual

    /// From a point with no negative reduced cost to one with no negative value; false when the steps end or nothing
    /// enters.
    func restore() -> Bool {
        while !meter.isExhausted {
            if pivots >= Self.pivotsUntilRefactor { refactor() }
            var row = -1
            var least = -1e-9
            for candidate in 0..<rows where value.base[candidate] < least {
                least = value.base[candidate]
                row = candidate
            }
            guard row >= 0 else { return true }
            guard let (entering, reduced) = dualEntering(row) else { return false }
            loadStep(entering)
            guard abs(step.base[row]) > 1e-11 else { return false }
            pivot(row, entering, reduced: reduced)
        }
        return false
    }

    /// The column whose reduced cost is the first to reach zero when the row's value rises to zero.
    private func dualEntering(_ row: Int) -> (Basic, Double)? {
        let pivotRow = inverse.base + row * rows
        var best: (basic: Basic, reduced: Double, ratio: Double, size: Double)?
        func offer(_ basic: Basic, _ reduced: Double, _ entry: Double) {
            guard entry < -1e-9 else { return }
            let ratio = max(0, reduced) / -entry
            if let best, ratio > best.ratio + 1e-12 || (ratio > best.ratio - 1e-12 && -entry <= best.size) { return }
            best = (basic, reduced, ratio, -entry)
        }
        for item in 0..<instance.items where basis[row] != .surplus(item) {
            offer(.surplus(item), dual.base[item], -pivotRow[item])
            // An artificial column is the last resort: with it there is always a point.
            offer(.artificial(item), artificialCost - dual.base[item], pivotRow[item])
        }
        for limit in instance.items..<rows { offer(.slack(limit), -dual.base[limit], pivotRow[limit]) }
        for column in columns.indices where !isBasic[column] {
            var entry = 0.0
            for place in start[column]..<start[column + 1] { entry += entryValue[place] * pivotRow[entryRow[place]] }
            if entry < -1e-9 { offer(.pattern(column), reducedCost(column), entry) }
        }
        meter.spend(entryRow.count * 2 + rows * 2)
        return best.map { ($0.basic, $0.reduced) }
    }
}
