/// Columns of the master program, flat and growing, for loops over all of them.
final class ColumnStore {
    private let memory = ScratchArena()
    private(set) var count = 0
    private(set) var entries = 0
    private var columnRoom = 64
    private var entryRoom = 256
    /// Entries of column `j`: `start[j]..<start[j + 1]`.
    private(set) var start: UnsafeMutablePointer<Int>
    private(set) var row: UnsafeMutablePointer<Int>
    private(set) var value: UnsafeMutablePointer<Double>
    private(set) var cost: UnsafeMutablePointer<Double>
    /// Reduced cost, kept up to date from pivot to pivot.
    private(set) var reduced: UnsafeMutablePointer<Double>
    /// Weight of the column in the choice of the one that enters (Devex).
    private(set) var weight: UnsafeMutablePointer<Double>
    private(set) var isBasic: UnsafeMutablePointer<Bool>

    init() {
        start = memory.make(columnRoom, 0)
        cost = memory.make(columnRoom, 0)
        reduced = memory.make(columnRoom, 0)
        weight = memory.make(columnRoom, 1)
        isBasic = memory.make(columnRoom, false)
        row = memory.make(entryRoom, 0)
        value = memory.make(entryRoom, 0)
    }

    /// Room for twice as much; the old memory stays with the arena.
    private func grown<Element: BitwiseCopyable>(
        _ old: UnsafeMutablePointer<Element>,
        _ count: Int,
        _ value: Element
    ) -> UnsafeMutablePointer<Element> {
        let larger = memory.make(count * 2, value)
        larger.update(from: old, count: count)
        return larger
    }

    func append(rows: [Int], values: [Double], cost price: Double) {
        if count + 2 > columnRoom {
            start = grown(start, columnRoom, 0)
            cost = grown(cost, columnRoom, 0)
            reduced = grown(reduced, columnRoom, 0)
            weight = grown(weight, columnRoom, 1)
            isBasic = grown(isBasic, columnRoom, false)
            columnRoom *= 2
        }
        while entries + rows.count > entryRoom {
            row = grown(row, entryRoom, 0)
            value = grown(value, entryRoom, 0)
            entryRoom *= 2
        }
        for (place, index) in rows.enumerated() {
            row[entries + place] = index
            value[entries + place] = values[place]
        }
        entries += rows.count
        cost[count] = price
        reduced[count] = 0
        weight[count] = 1
        isBasic[count] = false
        count += 1
        start[count] = entries
    }

    /// The column times a row of numbers.
    @inline(__always)
    func product(_ column: Int, _ numbers: UnsafeMutablePointer<Double>) -> Double {
        var sum = 0.0
        var entry = start[column]
        let end = start[column + 1]
        while entry < end {
            sum += value[entry] * numbers[row[entry]]
            entry += 1
        }
        return sum
    }
}
