/// A regressor for each output.
struct MultiOutput: Estimator {
    let name: String
    private let estimators: [any Estimator]

    var width: Int? { estimators[0].width }
    var methods: EstimatorMethods { .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        estimators = try object.estimators("estimators_")
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        var columns: [Features] = []
        for estimator in estimators {
            guard let matrix = try estimator.predict(x).matrix else {
                throw .other("\(estimator.name) gives no numbers")
            }
            columns.append(Features(matrix))
        }
        return .rows(try Features.joining(columns, rows: x.rows).numbers())
    }
}
