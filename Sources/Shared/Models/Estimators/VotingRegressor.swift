/// The weighted mean of several regressors.
struct VotingRegressor: Estimator {
    let name: String
    private let estimators: [any Estimator]
    private let weights: [Double]

    var width: Int? { estimators[0].width }
    var methods: EstimatorMethods { .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        estimators = try object.estimators("estimators_")
        weights = try VotingWeights.read(object, count: estimators.count)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        var sums = [Double](repeating: 0, count: x.rows)
        for (estimator, weight) in zip(estimators, weights) {
            guard let part = try estimator.predict(x).matrix, part.columns == 1 else {
                throw .other("\(estimator.name) does not give one value for each row")
            }
            for row in 0..<x.rows { sums[row] += weight * part.values[row] }
        }
        let total = weights.reduce(0, +)
        return .values(sums.map { $0 / total })
    }
}
