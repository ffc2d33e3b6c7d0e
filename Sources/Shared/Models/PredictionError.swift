/// Rows that a model cannot be asked about.
package enum PredictionError: Error, Sendable, Equatable {
    case columns(given: Int, expected: Int)
    case missing(estimator: String, row: Int, column: Int)
    /// Infinite, or beyond what 32 bits hold where the estimator rounds to them.
    case notFinite(row: Int, column: Int)
    case notANumber(row: Int, column: Int)
    case unknownCategory(value: String, column: Int)
    case unsupported(method: String, estimator: String)
    case other(String)

    /// What to do about it.
    package var message: String {
        switch self {
        case .columns(let given, let expected): "the model takes \(expected) features, a row has \(given)"
        case .missing(let estimator, let row, let column):
            "row \(row), feature \(column) is missing, and \(estimator) does not take missing values"
        case .notFinite(let row, let column): "row \(row), feature \(column) is infinite or too large for the model"
        case .notANumber(let row, let column): "row \(row), feature \(column) is a text where a number belongs"
        case .unknownCategory(let value, let column):
            "\(Excerpt.of(value)) in column \(column) is a category that the model has not seen"
        case .unsupported(let method, let estimator): "\(estimator) has no \(method)"
        case .other(let message): message
        }
    }
}
