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

    private let memory = ScratchArena()
    let instance: PackingInstance
    let meter: StepMeter
    let rows: Int
    /// Row of the limit of each bin class, or -1.
    let limitRow: [Int]
    let costScale: Double
    let artificialCost: Double

    private(set) var columns: [PackingColumn] = []
    private var known: Set<PackingColumn> = []
    let store = ColumnStore()
    /// Weights of surplus and slack columns, by row.
    let logicalWeight: UnsafeMutablePointer<Double>

    /// `inverse[row * rows + column]`.
    let inverse: UnsafeMutablePointer<Double>
    var basis: [Basic] = []
    let value: UnsafeMutablePointer<Double>
    let dual: UnsafeMutablePointer<Double>
    let right: UnsafeMutablePointer<Double>
    let step: UnsafeMutablePointer<Double>
    let nonzero: UnsafeMutablePointer<Int>
    var pivots = 0

    init(_ instance: PackingInstance, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        var limits = 0
        let limited = instance.available.reduce(0) { $0 + ($1 == .max ? 0 : 1) }
        // With too many the limits stay out of the program: its duals are weaker, what is proven from them still holds.
        let hasLimits = instance.items + limited <= Self.mostRows
        limitRow = (0..<instance.bins).map { bin in
            guard hasLimits, instance.available[bin] != .max else { return -1 }
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
        inverse = memory.make(rows * rows, 0)
        value = memory.make(rows, 0)
        dual = memory.make(rows, 0)
        right = memory.make(rows, 0)
        step = memory.make(rows, 0)
        nonzero = memory.make(rows, 0)
        logicalWeight = memory.make(rows, 1)
        setRight()
        startBasis()
    }

    /// The inverse is dense: with so many rows it takes 18 MB.
    static let mostRows = 1_500

    /// Demands a little above the whole numbers, each by another amount: rows of equal numbers make the simplex stall.
    private func setRight() {
        var random = SearchRandom(seed: 0x5EED)
        for item in 0..<instance.items {
            let demand = Double(instance.counts[item])
            right[item] =
                demand + Self.disturbance * (1 + Double(random.below(1_000)) / 1_000) * max(1, demand * 1e-3)
        }
        for bin in 0..<instance.bins where limitRow[bin] >= 0 {
            right[limitRow[bin]] = Double(instance.available[bin])
        }
    }

    private static let disturbance = 1e-5

    private func startBasis() {
        basis = (0..<rows).map { $0 < instance.items ? .artificial($0) : .slack($0) }
        for row in 0..<rows {
            inverse[row * rows + row] = 1
            value[row] = right[row]
            dual[row] = row < instance.items ? artificialCost : 0
        }
    }

    /// The sum of costs of the current point, in the problem's unit; meaningless while artificial columns are used.
    var objective: Double {
        var sum = 0.0
        for row in 0..<rows { sum += cost(basis[row]) * value[row] }
        return sum * costScale
    }

    var usesArtificial: Bool {
        (0..<rows).contains { row in
            if case .artificial = basis[row] { return value[row] > 1e-5 }
            return false
        }
    }

    func cost(_ basic: Basic) -> Double {
        switch basic {
        case .pattern(let column): store.cost[column]
        case .artificial: artificialCost
        case .surplus, .slack: 0
        }
    }

    /// False when the column is there already.
    @discardableResult
    func add(_ column: PackingColumn) -> Bool {
        guard known.insert(column).inserted else { return false }
        columns.append(column)
        var rows = column.contents.map(\.item)
        var values = column.contents.map { Double($0.count) }
        if limitRow[column.bin] >= 0 {
            rows.append(limitRow[column.bin])
            values.append(1)
        }
        store.append(rows: rows, values: values, cost: Double(instance.costs[column.bin]) / costScale)
        store.reduced[columns.count - 1] = reducedCost(columns.count - 1)
        return true
    }

    func reducedCost(_ column: Int) -> Double { store.cost[column] - store.product(column, dual) }

    /// Reduced costs of all columns from the duals, free of what has added up.
    func loadReduced() {
        for column in 0..<store.count { store.reduced[column] = reducedCost(column) }
        meter.spend(store.entries)
    }

    /// Patterns in use with how often, in the order of the columns.
    var used: [(column: Int, row: Int, times: Double)] {
        var found: [(column: Int, row: Int, times: Double)] = []
        for row in 0..<rows {
            if case .pattern(let column) = basis[row], value[row] > 1e-6 {
                found.append((column, row, value[row]))
            }
        }
        return found.sorted { $0.column < $1.column }
    }
}
