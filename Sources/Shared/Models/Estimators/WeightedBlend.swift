/// The weighted sum of several regressors, as training scripts blend them.
struct WeightedBlend: Estimator {
    let name = "weighted blend"
    private let estimators: [any Estimator]
    private let weights: [Double]

    var width: Int? { estimators.lazy.compactMap(\.width).first }
    var methods: EstimatorMethods { .predict }

    init(_ estimators: [any Estimator], weights: [Double]) throws(ModelRejection) {
        for estimator in estimators where !estimator.methods.contains(.predict) || estimator.classes != nil {
            throw ModelRejection(.unsupported, "\(estimator.name) in a blend is no regressor")
        }
        let widths = Set(estimators.compactMap(\.width))
        guard widths.count <= 1 else {
            throw ModelRejection(.invalidModel, "the models of a blend take different features")
        }
        self.estimators = estimators
        self.weights = weights
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        var sums = [Double](repeating: 0, count: x.rows)
        for (estimator, weight) in zip(estimators, weights) {
            guard let part = try estimator.predict(x).matrix, part.columns == 1 else {
                throw .other("\(estimator.name) does not give one value for each row")
            }
            for row in 0..<x.rows { sums[row] += weight * part.values[row] }
        }
        return .values(sums)
    }
}
