/// The linear program over patterns: cover every item class with as little cost as possible.
///
///     minimise   sum cost[b] x[p]
///     subject to sum count[i, p] x[p] - surplus[i] = demand[i]   for each item class i
///                sum over patterns of b x[p] + slack[b] = available[b]   for each bin class with a limit
///
/// Costs are shares of the largest bin cost. Each item row has an artificial column of a cost that no packing reaches,
/// so that there is always a basis. A revised simplex with an explicit inverse; all numbers are Double and serve to find
/// good duals and good patterns: nothing here is a proof, see ``ProvenBound``.
final class MasterProgram {
    /// Kinds of columns by index: patterns first, then one surplus and one artificial per item, one slack per limit.
    enum Basic: Equatable {
        case pattern(Int)
        case surplus(Int)
        case artificial(Int)
        case slack(Int)
    }

    let instance: PackingInstance
    let meter: StepMeter
    let rows: Int
    /// Row of the limit of each bin class, or -1.
    let limitRow: [Int]
    let costScale: Double
    let artificialCost: Double

    private(set) var columns: [PackingColumn] = []
    private var known: Set<PackingColumn> = []
    var columnCost: [Double] = []
    var isBasic: [Bool] = []
    /// Columns flat, for the inner loops: the entries of column `j` are `start[j]..<start[j + 1]`.
    var start: [Int] = [0]
    var entryRow: [Int] = []
    var entryValue: [Double] = []

    /// `inverse[row * rows + column]`.
    let inverse: Scratch<Double>
    var basis: [Basic] = []
    let value: Scratch<Double>
    let dual: Scratch<Double>
    let right: Scratch<Double>
    let step: Scratch<Double>
    let nonzero: Scratch<Int>
    var pivots = 0

    init(_ instance: PackingInstance, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        var limits = 0
        limitRow = (0..<instance.bins).map { bin in
            guard instance.available[bin] != .max else { return -1 }
            limits += 1
            return instance.items + limits - 1
        }
        rows = instance.items + limits
        costScale = Double(max(1, instance.costs.max() ?? 1))
        var total = 0.0
        for bin in 0..<instance.bins where instance.available[bin] != .max {
            total += Double(instance.costs[bin]) * Double(instance.available[bin])
        }
        artificialCost = 10 + min(1e5, total / costScale)
        inverse = Scratch(rows * rows, 0)
        value = Scratch(rows, 0)
        dual = Scratch(rows, 0)
        right = Scratch(rows, 0)
        step = Scratch(rows, 0)
        nonzero = Scratch(rows, 0)
        setRight()
        startBasis()
    }

    /// Demands a little above the whole numbers, each by another amount: rows of equal numbers make the simplex stall.
    private func setRight() {
        var random = SearchRandom(seed: 0x5EED)
        for item in 0..<instance.items {
            let demand = Double(instance.counts[item])
            right.base[item] =
                demand + Self.disturbance * (1 + Double(random.below(1_000)) / 1_000) * max(1, demand * 1e-3)
        }
        for bin in 0..<instance.bins where limitRow[bin] >= 0 {
            right.base[limitRow[bin]] = Double(instance.available[bin])
        }
    }

    private static let disturbance = 1e-7

    private func startBasis() {
        basis = (0..<rows).map { $0 < instance.items ? .artificial($0) : .slack($0) }
        for row in 0..<rows {
            inverse.base[row * rows + row] = 1
            value.base[row] = right.base[row]
            dual.base[row] = row < instance.items ? artificialCost : 0
        }
    }

    /// The sum of costs of the current point, in the problem's unit; meaningless while artificial columns are used.
    var objective: Double {
        var sum = 0.0
        for row in 0..<rows { sum += cost(basis[row]) * value.base[row] }
        return sum * costScale
    }

    var usesArtificial: Bool {
        (0..<rows).contains { row in
            if case .artificial = basis[row] { return value.base[row] > 1e-5 }
            return false
        }
    }

    func cost(_ basic: Basic) -> Double {
        switch basic {
        case .pattern(let column): columnCost[column]
        case .artificial: artificialCost
        case .surplus, .slack: 0
        }
    }

    /// False when the column is there already.
    @discardableResult
    func add(_ column: PackingColumn) -> Bool {
        guard known.insert(column).inserted else { return false }
        columns.append(column)
        columnCost.append(Double(instance.costs[column.bin]) / costScale)
        isBasic.append(false)
        for content in column.contents {
            entryRow.append(content.item)
            entryValue.append(Double(content.count))
        }
        if limitRow[column.bin] >= 0 {
            entryRow.append(limitRow[column.bin])
            entryValue.append(1)
        }
        start.append(entryRow.count)
        return true
    }

    func reducedCost(_ column: Int) -> Double {
        var sum = columnCost[column]
        entryRow.withUnsafeBufferPointer { rows in
            entryValue.withUnsafeBufferPointer { values in
                var entry = start[column]
                let end = start[column + 1]
                while entry < end {
                    sum -= values[entry] * dual.base[rows[entry]]
                    entry += 1
                }
            }
        }
        return sum
    }

    /// Patterns in use with how often, in the order of the columns.
    var used: [(column: Int, row: Int, times: Double)] {
        var found: [(column: Int, row: Int, times: Double)] = []
        for row in 0..<rows {
            if case .pattern(let column) = basis[row], value.base[row] > 1e-6 {
                found.append((column, row, value.base[row]))
            }
        }
        return found.sorted { $0.column < $1.column }
    }
}
