/// One column for each category, 1 where the value is that category.
struct OneHotEncoder: Estimator {
    private enum Unknown {
        case refuse, ignore, rare
    }

    let name: String
    private let columns: EncoderColumns
    private let unknown: Unknown
    /// For each column the place that gets no column of its own.
    private let dropped: [Int?]

    var width: Int? { columns.tables.count }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        columns = try EncoderColumns(object)
        switch object.text("handle_unknown") ?? "error" {
        case "error": unknown = .refuse
        case "ignore": unknown = .ignore
        default: unknown = .rare  // 'infrequent_if_exist' and 'warn'
        }
        var dropped = [Int?](repeating: nil, count: columns.tables.count)
        let key: StaticString = object.has("_drop_idx_after_grouping") ? "_drop_idx_after_grouping" : "drop_idx_"
        if let node = object.optional(key) {
            let indices = try Self.indices(object, node)
            guard indices.count == dropped.count else {
                throw object.fault("drop_idx_", "has \(indices.count) entries")
            }
            for (column, index) in indices.enumerated() {
                guard let index else { continue }
                guard index >= 0, index < columns.tables[column].count else {
                    throw object.fault("drop_idx_", "is out of range")
                }
                // Before grouping had a place of its own the index counted ungrouped categories.
                dropped[column] = "\(key)" == "drop_idx_" ? columns.grouped(index, column: column) : index
                guard let place = dropped[column], place < columns.counts[column] else {
                    throw object.fault("drop_idx_", "is out of range")
                }
            }
        }
        self.dropped = dropped
    }

    private static func indices(_ object: FittedObject, _ node: Int32) throws(ModelRejection) -> [Int?] {
        var indices: [Int?] = []
        for label in try object.labels(node, "drop_idx_") {
            guard let number = label.number else { throw object.fault("drop_idx_", "holds a text") }
            indices.append(number.isNaN ? nil : Int(exactly: number) ?? -1)
        }
        return indices
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard x.columns == columns.tables.count else {
            throw .columns(given: x.columns, expected: columns.tables.count)
        }
        let counts = columns.counts.indices.map { columns.counts[$0] - (dropped[$0] == nil ? 0 : 1) }
        let total = counts.reduce(0, +)
        try Features.checkSize(rows: x.rows, columns: total)
        var values = [Double](repeating: 0, count: x.rows * total)
        for row in 0..<x.rows {
            var start = row * total
            for column in counts.indices {
                defer { start += counts[column] }
                let cell = x[row, column]
                var place = columns.place(of: cell, column: column)
                if place == nil {
                    if unknown == .refuse { throw .unknownCategory(value: cell.quoted, column: column) }
                    if unknown == .rare { place = columns.rarePlace[column] }
                }
                guard var place, place != dropped[column] else { continue }
                if let dropped = dropped[column], place > dropped { place -= 1 }
                values[start + place] = 1
            }
        }
        return Features(Matrix(rows: x.rows, columns: total, values: values))
    }
}
