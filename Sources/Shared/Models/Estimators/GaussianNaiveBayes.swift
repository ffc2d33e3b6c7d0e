/// Naive Bayes with a normal distribution for each class and feature.
struct GaussianNaiveBayes: Estimator {
    let name: String
    let classes: [Label]?
    private let labels: [Label]
    private let means: Matrix
    private let variances: Matrix
    /// For each class the logarithms that do not depend on the row.
    private let constants: [Double]

    var width: Int? { means.columns }
    var methods: EstimatorMethods { [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        labels = try object.labels("classes_")
        classes = labels
        means = try object.matrix("theta_")
        // `sigma_` before 1.0.
        variances = try object.matrix(object.has("var_") ? "var_" : "sigma_")
        guard means.rows == labels.count, variances.rows == labels.count, variances.columns == means.columns,
            variances.values.allSatisfy({ $0 > 0 })
        else { throw object.fault("its means and variances do not fit its classes") }
        let priors = try object.vector("class_prior_", count: labels.count)
        var constants: [Double] = []
        for row in 0..<labels.count {
            var sum = 0.0
            for column in 0..<means.columns { sum += logarithm(2 * .pi * variances[row, column]) }
            constants.append(logarithm(priors[row]) - 0.5 * sum)
        }
        self.constants = constants
    }

    private func logarithms(_ x: Features) throws(PredictionError) -> Matrix {
        let rows = try checked(x)
        var result: [Double] = []
        for row in 0..<rows.rows {
            for label in 0..<labels.count {
                var sum = 0.0
                for column in 0..<rows.columns {
                    let difference = rows[row, column] - means[label, column]
                    sum += difference * difference / variances[label, column]
                }
                result.append(constants[label] - 0.5 * sum)
            }
        }
        return Matrix(rows: rows.rows, columns: labels.count, values: result)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer { labels(ofLargest: try logarithms(x), among: labels) }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix { try logarithms(x).softmax() }
}
