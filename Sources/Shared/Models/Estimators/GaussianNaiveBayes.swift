/// Naive Bayes with a normal distribution for each class and feature.
struct GaussianNaiveBayes: Estimator {
    let name: String
    let classes: [Label]?
    private let labels: [Label]
    private let means: Matrix
    private let variances: Matrix
    /// For each class the logarithm of its share.
    private let priors: [Double]
    /// For each class minus half the sum of the logarithms of 2 pi times its variances.
    private let constants: [Double]

    var width: Int? { means.columns }
    var methods: EstimatorMethods { [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        labels = try object.labels("classes_")
        guard !labels.isEmpty else { throw object.fault("classes_", "is empty") }
        classes = labels
        means = try object.matrix("theta_")
        // `sigma_` before 1.0.
        variances = try object.matrix(object.has("var_") ? "var_" : "sigma_")
        guard means.rows == labels.count, variances.rows == labels.count, variances.columns == means.columns,
            variances.values.allSatisfy({ $0 > 0 })
        else { throw object.fault("its means and variances do not fit its classes") }
        let priors = try object.vector("class_prior_", count: labels.count)
        self.priors = priors.map(logarithm)
        let variances = variances
        constants = (0..<labels.count).map { row in
            let terms = variances.values[row * variances.columns..<(row + 1) * variances.columns]
            return -0.5 * terms.map { logarithm(2 * .pi * $0) }.pairwiseSum
        }
    }

    /// The joint logarithms in the very order of the library's sums: of rows far from all means they are so large that
    /// another order would change the probabilities.
    private func logarithms(_ x: Features) throws(PredictionError) -> Matrix {
        let rows = try checked(x)
        var result: [Double] = []
        var terms = [Double](repeating: 0, count: rows.columns)
        for row in 0..<rows.rows {
            for label in 0..<labels.count {
                for column in 0..<rows.columns {
                    let difference = rows[row, column] - means[label, column]
                    terms[column] = difference * difference / variances[label, column]
                }
                result.append(priors[label] + (constants[label] - 0.5 * terms.pairwiseSum))
            }
        }
        return Matrix(rows: rows.rows, columns: labels.count, values: result)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        labels(ofLargest: try logarithms(x), among: labels)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        var result = try logarithms(x)
        for row in 0..<result.rows {
            let range = row * result.columns..<(row + 1) * result.columns
            let top = result.values[range].max() ?? 0
            let total = logarithm(result.values[range].map { exponential($0 - top) }.pairwiseSum) + top
            for index in range { result.values[index] = exponential(result.values[index] - total) }
        }
        return result
    }
}
