/// The place of each value among the categories of its column.
struct OrdinalEncoder: Estimator {
    let name: String
    private let columns: EncoderColumns
    /// What unknown values become; nil: they are refused.
    private let unknown: Double?
    private let missing: Double

    var width: Int? { columns.tables.count }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        columns = try EncoderColumns(object)
        if object.text("handle_unknown") == "use_encoded_value" {
            unknown = object.double("unknown_value") ?? .nan
        } else {
            unknown = nil
        }
        missing = object.double("encoded_missing_value") ?? .nan
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard x.columns == columns.tables.count else {
            throw .columns(given: x.columns, expected: columns.tables.count)
        }
        var values: [Double] = []
        values.reserveCapacity(x.rows * x.columns)
        for row in 0..<x.rows {
            for column in 0..<x.columns {
                let cell = x[row, column]
                if let place = columns.tables[column].place(of: cell) {
                    let isMissing = place == columns.tables[column].missing
                    values.append(isMissing ? missing : Double(columns.grouped(place, column: column)))
                } else if let unknown {
                    values.append(unknown)
                } else {
                    throw .unknownCategory(value: cell.quoted, column: column)
                }
            }
        }
        return Features(Matrix(rows: x.rows, columns: x.columns, values: values))
    }
}
