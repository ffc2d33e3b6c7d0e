/// Columns of the master program, flat and growing, for loops over all of them.
struct ColumnStore {
    private(set) var count = 0
    /// Entries of column `j`: `start[j]..<start[j + 1]`.
    private(set) var start: Scratch<Int>
    private(set) var row: Scratch<Int>
    private(set) var value: Scratch<Double>
    private(set) var cost: Scratch<Double>
    /// Reduced cost, kept up to date from pivot to pivot.
    private(set) var reduced: Scratch<Double>
    /// Weight of the column in the choice of the one that enters (Devex).
    private(set) var weight: Scratch<Double>
    private(set) var isBasic: Scratch<Bool>
    private(set) var entries = 0

    init() {
        start = Scratch(64, 0)
        row = Scratch(64, 0)
        value = Scratch(64, 0)
        cost = Scratch(64, 0)
        reduced = Scratch(64, 0)
        weight = Scratch(64, 1)
        isBasic = Scratch(64, false)
    }

    mutating func append(rows: [Int], values: [Double], cost price: Double) {
        if count + 2 > start.count {
            start = start.grown(0)
            cost = cost.grown(0)
            reduced = reduced.grown(0)
            weight = weight.grown(1)
            isBasic = isBasic.grown(false)
        }
        while entries + rows.count > row.count {
            row = row.grown(0)
            value = value.grown(0)
        }
        for (place, index) in rows.enumerated() {
            row.base[entries + place] = index
            value.base[entries + place] = values[place]
        }
        entries += rows.count
        cost.base[count] = price
        reduced.base[count] = 0
        weight.base[count] = 1
        isBasic.base[count] = false
        count += 1
        start.base[count] = entries
    }

    /// The column times a row of numbers.
    @inline(__always)
    func product(_ column: Int, _ numbers: UnsafeMutablePointer<Double>) -> Double {
        var sum = 0.0
        var entry = start.base[column]
        let end = start.base[column + 1]
        while entry < end {
            sum += value.base[entry] * numbers[row.base[entry]]
            entry += 1
        }
        return sum
    }
}
