/// Fills gaps with a value for each column.
struct SimpleImputer: Estimator {
    let name: String
    /// What stands in each column's gaps; nil: the column had no value and is left out.
    private let fills: [Cell?]
    private let gap: Cell
    private let indicator: MissingIndicator?

    var width: Int? { fills.count }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        gap = MissingIndicator.gap(object)
        let statistics = try object.labels("statistics_")
        guard (object.fittedWidth ?? statistics.count) == statistics.count, !statistics.isEmpty else {
            throw object.fault("statistics_", "has \(statistics.count) entries")
        }
        let keepsEmpty = object.bool("keep_empty_features") ?? false
        fills = statistics.map { statistic in
            if case .text(let text) = statistic { return .text(text) }
            let number = statistic.number ?? .nan
            return number.isNaN && !keepsEmpty ? nil : .number(number)
        }
        if object.bool("add_indicator") ?? false, object.has("indicator_") {
            indicator = try MissingIndicator(object.object("indicator_"))
        } else {
            indicator = nil
        }
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard x.columns == fills.count else { throw .columns(given: x.columns, expected: fills.count) }
        let kept = fills.indices.filter { fills[$0] != nil }
        var cells: [Cell] = []
        cells.reserveCapacity(x.rows * kept.count)
        for row in 0..<x.rows {
            for column in kept {
                let cell = x[row, column]
                if gap.isSameGap(as: cell) {
                    cells.append(fills[column] ?? cell)
                } else {
                    if case .number(let number) = cell, number.isNaN {
                        throw .missing(estimator: name, row: row, column: column)
                    }
                    cells.append(cell)
                }
            }
        }
        let filled = Features(rows: x.rows, columns: kept.count, cells: cells).selecting(Array(kept.indices))
        guard let indicator else { return filled }
        return try Features.joining([filled, indicator.transform(x)], rows: x.rows)
    }
}

extension Cell {
    /// Whether a value is the one that stands for a gap; all NaN are.
    func isSameGap(as other: Cell) -> Bool {
        switch (self, other) {
        case (.number(let a), .number(let b)): a == b || a.isNaN && b.isNaN
        case (.text(let a), .text(let b)): a == b
        default: false
        }
    }
}
