/// The two walks: primal after new columns, dual after changed demands.
extension MasterProgram {
    private static var tolerance: Double { 1e-9 }

    /// Until no column lowers the cost or the steps end; false in the second case.
    func optimise() -> Bool {
        resetWeights()
        var isFresh = false
        while !meter.isExhausted {
            refresh()
            guard let (entering, reduced, weight) = entering() else {
                if isFresh { return true }
                // Once more with reduced costs that have no errors added up.
                loadReduced()
                isFresh = true
                continue
            }
            isFresh = false
            loadStep(entering)
            guard let row = leaving() else { return true }
            updateReduced(row, entering, reduced, weight)
            pivot(row, entering, reduced: reduced)
        }
        return false
    }

    private func resetWeights() {
        store.weight.update(repeating: 1, count: store.count)
        logicalWeight.update(repeating: 1, count: rows)
    }

    /// The column with the best reduced cost for its length: Devex (Harris 1973) takes a fraction of the walk that the
    /// most negative one takes.
    private func entering() -> (Basic, reduced: Double, weight: Double)? {
        var best = -1
        var most = 0.0
        var row = 0
        while row < rows {
            let reduced = row < instance.items ? dual[row] : -dual[row]
            if reduced < -Self.tolerance {
                let score = reduced * reduced / logicalWeight[row]
                if score > most {
                    most = score
                    best = row
                }
            }
            row += 1
        }
        var column = 0
        while column < store.count {
            let reduced = store.reduced[column]
            if reduced < -Self.tolerance, !store.isBasic[column] {
                let score = reduced * reduced / store.weight[column]
                if score > most {
                    most = score
                    best = rows + column
                }
            }
            column += 1
        }
        meter.spend(store.count + rows)
        guard best >= 0 else { return nil }
        if best >= rows {
            return (.pattern(best - rows), reducedCost(best - rows), store.weight[best - rows])
        }
        let isItem = best < instance.items
        return (
            isItem ? .surplus(best) : .slack(best), isItem ? dual[best] : -dual[best],
            logicalWeight[best]
        )
    }

    /// Reduced costs and weights after the pivot that is to come, from the row of the one that leaves.
    private func updateReduced(_ row: Int, _ entering: Basic, _ reduced: Double, _ weight: Double) {
        let pivotRow = inverse + row * rows
        let factor = 1 / step[row]
        let change = reduced * factor
        let growth = factor * factor * weight
        var index = 0
        while index < rows {
            let entry = pivotRow[index]
            if entry != 0 { logicalWeight[index] = max(logicalWeight[index], entry * entry * growth) }
            index += 1
        }
        var column = 0
        while column < store.count {
            if !store.isBasic[column] {
                let entry = store.product(column, pivotRow)
                if entry != 0 {
                    store.reduced[column] -= change * entry
                    store.weight[column] = max(store.weight[column], entry * entry * growth)
                }
            }
            column += 1
        }
        meter.spend(store.entries + rows)
        switch basis[row] {
        case .pattern(let leaving):
            store.reduced[leaving] = -change
            store.weight[leaving] = max(growth, 1)
        case .surplus(let leaving), .slack(let leaving): logicalWeight[leaving] = max(growth, 1)
        case .artificial: break
        }
    }

    /// The row that reaches zero first; of those nearly equal the one with the largest pivot, artificial ones before.
    private func leaving() -> Int? {
        var least = Double.infinity
        for row in 0..<rows where step[row] > Self.tolerance {
            least = min(least, max(0, value[row]) / step[row])
        }
        guard least < .infinity else { return nil }
        let bound = least + 1e-10 + least * 1e-9
        var best = -1
        var size = 0.0
        for row in 0..<rows where step[row] > Self.tolerance && max(0, value[row]) / step[row] <= bound {
            var weight = step[row]
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
            refresh()
            var row = -1
            var least = -1e-9
            for candidate in 0..<rows where value[candidate] < least {
                least = value[candidate]
                row = candidate
            }
            guard row >= 0 else { return true }
            guard let (entering, reduced) = dualEntering(row) else { return false }
            loadStep(entering)
            guard abs(step[row]) > 1e-11 else { return false }
            pivot(row, entering, reduced: reduced)
        }
        return false
    }

    /// The column whose reduced cost is the first to reach zero when the row's value rises to zero.
    private func dualEntering(_ row: Int) -> (Basic, Double)? {
        let pivotRow = inverse + row * rows
        var best: (basic: Basic, reduced: Double, ratio: Double, size: Double)?
        func offer(_ basic: Basic, _ reduced: Double, _ entry: Double) {
            guard entry < -1e-9 else { return }
            let ratio = max(0, reduced) / -entry
            if let best, ratio > best.ratio + 1e-12 || (ratio > best.ratio - 1e-12 && -entry <= best.size) { return }
            best = (basic, reduced, ratio, -entry)
        }
        for item in 0..<instance.items where basis[row] != .surplus(item) {
            offer(.surplus(item), dual[item], -pivotRow[item])
            // An artificial column is the last resort: with it there is always a point.
            offer(.artificial(item), artificialCost - dual[item], pivotRow[item])
        }
        for limit in instance.items..<rows { offer(.slack(limit), -dual[limit], pivotRow[limit]) }
        for column in 0..<store.count where !store.isBasic[column] {
            let entry = store.product(column, pivotRow)
            if entry < -1e-9 { offer(.pattern(column), reducedCost(column), entry) }
        }
        meter.spend(store.entries * 2 + rows * 2)
        return best.map { ($0.basic, $0.reduced) }
    }
}
