/// 1 where a value is missing, for the columns that had gaps.
struct MissingIndicator: Estimator {
    let name: String
    let width: Int?
    private let columns: [Int]
    private let gap: Cell

    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        gap = Self.gap(object)
        var columns: [Int] = []
        for value in try object.looseVector("features_") {
            guard let column = Int(exactly: value), column >= 0 else {
                throw object.fault("features_", "is out of range")
            }
            columns.append(column)
        }
        width = object.fittedWidth ?? object.int("_n_features")
        guard let width, columns.allSatisfy({ $0 < width }) else { throw object.fault("features_", "is out of range") }
        self.columns = columns
    }

    /// `missing_values`: NaN, None, a number or a text.
    static func gap(_ object: FittedObject) -> Cell {
        object.text("missing_values").map { .text($0) } ?? .number(object.double("missing_values") ?? .nan)
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        var values: [Double] = []
        for row in 0..<x.rows {
            for column in columns { values.append(gap.isSameGap(as: x[row, column]) ? 1 : 0) }
        }
        return Features(Matrix(rows: x.rows, columns: columns.count, values: values))
    }
}
