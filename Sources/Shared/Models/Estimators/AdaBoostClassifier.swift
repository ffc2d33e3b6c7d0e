/// AdaBoost for classes, by votes (SAMME) or, until 1.5, by probabilities (SAMME.R).
struct AdaBoostClassifier: Estimator {
    let name: String
    let width: Int?
    let classes: [Label]?
    private let labels: [Label]
    private let estimators: [any Estimator]
    private let weights: [Double]
    private let total: Double
    private let usesProbabilities: Bool
    /// What a vote takes off the other classes, for each unit of weight.
    private let penalty: Double

    var methods: EstimatorMethods { [.predict, .probabilities, .decision] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        width = object.fittedWidth
        labels = try object.labels("classes_")
        classes = labels
        guard labels.count >= 2 else { throw object.fault("classes_", "has fewer than two classes") }
        estimators = try object.estimators("estimators_")
        let weights = try object.vector("estimator_weights_")
        guard weights.count >= estimators.count else {
            throw object.fault("estimator_weights_", "does not have a weight for each estimator")
        }
        self.weights = Array(weights.prefix(estimators.count))
        // The library divides by all of the array, whose unused end is zero.
        total = weights.reduce(0, +)
        guard total != 0 else { throw object.fault("estimator_weights_", "is zero in all") }
        for estimator in estimators where estimator.classes?.count != labels.count {
            throw object.fault("an estimator of it has other classes")
        }
        let version = object.minorVersion
        usesProbabilities = object.text("algorithm") == "SAMME.R" && (version == 0 || version < 106)
        penalty = version > 0 && version < 103 ? 0 : 1 / Double(labels.count - 1)
    }

    /// The sums for each class.
    private func sums(_ x: Features) throws(PredictionError) -> Matrix {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        let count = labels.count
        var sums = Matrix(rows: x.rows, columns: count, values: [Double](repeating: 0, count: x.rows * count))
        for (estimator, weight) in zip(estimators, weights) {
            if usesProbabilities {
                let logarithms = try estimator.probabilities(x).mapped { logarithm(max($0, Double.ulpOfOne)) }
                for row in 0..<x.rows {
                    let mean = logarithms.values[row * count..<(row + 1) * count].reduce(0, +) / Double(count)
                    for column in 0..<count {
                        sums[row, column] += Double(count - 1) * (logarithms[row, column] - mean)
                    }
                }
            } else {
                guard case .labels(let votes) = try estimator.predict(x) else {
                    throw .other("\(estimator.name) does not vote")
                }
                for row in 0..<x.rows {
                    for column in 0..<count {
                        sums[row, column] += votes[row] == labels[column] ? weight : -weight * penalty
                    }
                }
            }
        }
        return sums.mapped { $0 / total }
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        let sums = try sums(x)
        guard labels.count == 2 else { return sums }
        return Matrix(rows: sums.rows, columns: 1, values: (0..<sums.rows).map { sums[$0, 1] - sums[$0, 0] })
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let scores = try decision(x)
        return labels.count == 2 ? labels(ofSigns: scores, among: labels) : labels(ofLargest: scores, among: labels)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let scores = try decision(x)
        if labels.count == 2 {
            return Matrix(rows: scores.rows, columns: 2, values: scores.values.flatMap { [-$0 / 2, $0 / 2] }).softmax()
        }
        return scores.mapped { $0 / Double(labels.count - 1) }.softmax()
    }
}
