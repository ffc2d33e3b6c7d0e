/// The place of each label among the sorted ones.
struct LabelEncoder: Estimator {
    let name: String
    let classes: [Label]?
    private let table: CategoryTable

    var width: Int? { 1 }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let labels = try object.labels("classes_")
        classes = labels
        table = CategoryTable(labels)
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard x.columns == 1 else { throw .columns(given: x.columns, expected: 1) }
        var values: [Double] = []
        for row in 0..<x.rows {
            guard let place = table.place(of: x[row, 0]) else {
                throw .unknownCategory(value: x[row, 0].quoted, column: 0)
            }
            values.append(Double(place))
        }
        return Features(Matrix(rows: x.rows, columns: 1, values: values))
    }
}
