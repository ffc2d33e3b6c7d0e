/// A fitted estimator of any of the libraries, checked and ready to answer.
///
/// All methods have scikit-learn's meaning; what an estimator does not have, it refuses.
package protocol Estimator: Sendable {
    /// The class in its library.
    var name: String { get }
    /// How many columns a row has; nil where any number does.
    var width: Int? { get }
    /// The classes in the order of the probabilities; nil for what is no classifier.
    var classes: [Label]? { get }
    var methods: EstimatorMethods { get }

    func predict(_ x: Features) throws(PredictionError) -> Answer
    /// `predict_proba`.
    func probabilities(_ x: Features) throws(PredictionError) -> Matrix
    /// `decision_function`; one column for two classes.
    func decision(_ x: Features) throws(PredictionError) -> Matrix
    func transform(_ x: Features) throws(PredictionError) -> Features
    /// `inverse_transform` of a matrix of numbers.
    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix
    /// `score_samples`.
    func scores(_ x: Features) throws(PredictionError) -> Matrix
    /// A booster's raw scores, before the link.
    func margin(_ x: Features) throws(PredictionError) -> Matrix
}

/// Which methods an estimator answers.
package struct EstimatorMethods: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let predict = EstimatorMethods(rawValue: 1)
    package static let probabilities = EstimatorMethods(rawValue: 2)
    package static let decision = EstimatorMethods(rawValue: 4)
    package static let transform = EstimatorMethods(rawValue: 8)
    package static let scores = EstimatorMethods(rawValue: 16)
    package static let inverse = EstimatorMethods(rawValue: 32)
    package static let margin = EstimatorMethods(rawValue: 64)
}

extension Estimator {
    package var classes: [Label]? { nil }

    package func predict(_ x: Features) throws(PredictionError) -> Answer {
        throw .unsupported(method: "predict", estimator: name)
    }

    package func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        throw .unsupported(method: "predict_proba", estimator: name)
    }

    package func decision(_ x: Features) throws(PredictionError) -> Matrix {
        throw .unsupported(method: "decision_function", estimator: name)
    }

    package func transform(_ x: Features) throws(PredictionError) -> Features {
        throw .unsupported(method: "transform", estimator: name)
    }

    package func inverse(_ x: Matrix) throws(PredictionError) -> Matrix {
        throw .unsupported(method: "inverse_transform", estimator: name)
    }

    package func scores(_ x: Features) throws(PredictionError) -> Matrix {
        throw .unsupported(method: "score_samples", estimator: name)
    }

    package func margin(_ x: Features) throws(PredictionError) -> Matrix {
        throw .unsupported(method: "margin", estimator: name)
    }

    /// The rows as numbers of the width that the estimator takes, finite, and without gaps unless `allowsMissing`.
    func checked(
        _ x: Features,
        allowsMissing: Bool = false,
        isFloat32: Bool = false
    ) throws(PredictionError) -> Matrix {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        let matrix = try x.numbers()
        try checkFinite(matrix, allowsMissing: allowsMissing, isFloat32: isFloat32)
        return matrix
    }

    func checkFinite(_ matrix: Matrix, allowsMissing: Bool, isFloat32: Bool) throws(PredictionError) {
        let largest = isFloat32 ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
        // One sum finds that all is well; only else each value is looked at.
        var isFine = true
        matrix.values.withUnsafeBufferPointer { values in
            for value in values where !(value.magnitude <= largest) {
                isFine = false
                return
            }
        }
        if isFine { return }
        for (index, value) in matrix.values.enumerated() where !(value.magnitude <= largest) {
            let (row, column) = (index / matrix.columns, index % matrix.columns)
            if value.isNaN {
                if !allowsMissing { throw .missing(estimator: name, row: row, column: column) }
            } else {
                throw .notFinite(row: row, column: column)
            }
        }
    }

    /// The label of the largest score of each row, the first of equal ones.
    func labels(ofLargest scores: Matrix, among classes: [Label]) -> Answer {
        var labels: [Label] = []
        labels.reserveCapacity(scores.rows)
        for row in 0..<scores.rows { labels.append(classes[scores.largest(inRow: row)]) }
        return .labels(labels)
    }

    /// The second label where the score is above zero, else the first.
    func labels(ofSigns scores: Matrix, among classes: [Label]) -> Answer {
        .labels(scores.values.map { $0 > 0 ? classes[1] : classes[0] })
    }
}
