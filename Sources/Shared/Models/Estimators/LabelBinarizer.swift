/// One column for each label, or one for two labels.
struct LabelBinarizer: Estimator {
    let name: String
    let classes: [Label]?
    private let table: CategoryTable
    private let negative: Double
    private let positive: Double

    var width: Int? { 1 }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        if object.text("y_type_")?.hasPrefix("multilabel") == true {
            throw object.fault(.unsupported, "several labels at once are not supported")
        }
        let labels = try object.labels("classes_")
        classes = labels
        table = CategoryTable(labels)
        negative = object.double("neg_label") ?? 0
        positive = object.double("pos_label") ?? 1
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard x.columns == 1 else { throw .columns(given: x.columns, expected: 1) }
        let columns = table.count <= 2 ? 1 : table.count
        var values = [Double](repeating: negative, count: x.rows * columns)
        for row in 0..<x.rows {
            // A label that was not seen has no column: all are negative, as in the library.
            guard let place = table.place(of: x[row, 0]) else { continue }
            if columns > 1 {
                values[row * columns + place] = positive
            } else if place == 1 {
                values[row] = positive
            }
        }
        return Features(Matrix(rows: x.rows, columns: columns, values: values))
    }
}
