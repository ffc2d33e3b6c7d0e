/// AdaBoost for numbers: the weighted median of the estimators' predictions.
struct AdaBoostRegressor: Estimator {
    let name: String
    let width: Int?
    private let estimators: [any Estimator]
    private let weights: [Double]

    var methods: EstimatorMethods { .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        width = object.fittedWidth
        estimators = try object.estimators("estimators_")
        let weights = try object.vector("estimator_weights_")
        // The array is made for all rounds; those after an early end are unused.
        guard weights.count >= estimators.count, weights.allSatisfy({ $0 >= 0 }) else {
            throw object.fault("estimator_weights_", "does not have a weight for each estimator")
        }
        self.weights = Array(weights.prefix(estimators.count))
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        var columns: [[Double]] = []
        for estimator in estimators {
            guard let matrix = try estimator.predict(x).matrix, matrix.columns == 1 else {
                throw .other("\(estimator.name) does not give \(name) one value for each row")
            }
            columns.append(matrix.values)
        }
        let half = weights.reduce(0, +) * 0.5
        var medians: [Double] = []
        for row in 0..<x.rows {
            let order = columns.indices.sorted {
                columns[$0][row] != columns[$1][row] ? columns[$0][row] < columns[$1][row] : $0 < $1
            }
            var sum = 0.0
            let place = order.first {
                sum += weights[$0]
                return sum >= half
            }
            medians.append(columns[place ?? order[order.count - 1]][row])
        }
        return .values(medians)
    }
}
