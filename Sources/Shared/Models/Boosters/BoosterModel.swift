/// A gradient booster of XGBoost or LightGBM, ready to answer.
///
/// Rows are in 64 bits, NaN where missing; how a library rounds them is the model's affair. Infinite values are ordered as
/// numbers: whoever must refuse them (XGBoost does) has done so before.
package protocol BoosterModel: Sendable {
    /// Columns of a row.
    var features: Int { get }
    /// Columns of a margin: classes of a multi-class model, targets, quantiles, else 1.
    var groups: Int { get }
    /// Columns of what the bare `Booster.predict` answers.
    var predictionColumns: Int { get }
    /// Classes of the scikit-learn-style classifier on this booster: 2 where there is one margin.
    var classes: Int { get }
    /// The objective's name, as the file has it.
    var objective: String { get }
    /// Names of the features, empty where the file has none.
    var featureNames: [String] { get }

    /// Raw scores: `groups` for each of `count` rows, which begin `stride` values apart.
    func margins(
        rows: UnsafePointer<Double>,
        count: Int,
        stride: Int,
        into margins: UnsafeMutablePointer<Double>,
        split: RowSplit?
    )
    /// From the raw scores of one row to what the bare `Booster.predict` answers.
    func predict(margins: UnsafePointer<Double>, into predictions: UnsafeMutablePointer<Double>)
    /// From the raw scores of one row to `predict_proba` of the scikit-learn-style classifier: `classes` columns.
    func probabilities(margins: UnsafePointer<Double>, into probabilities: UnsafeMutablePointer<Double>)
    /// From the raw scores of one row to the place of the class that the scikit-learn-style classifier predicts.
    func classIndex(margins: UnsafePointer<Double>) -> Int
}

extension BoosterModel {
    /// Raw scores, `groups` columns.
    ///
    /// - Precondition: `rows.columns == features`, as for all of these.
    package func margins(_ rows: Matrix, split: RowSplit? = nil) -> Matrix {
        precondition(rows.columns == features, "\(rows.columns) columns for \(features) features")
        var result = Matrix(
            rows: rows.rows,
            columns: groups,
            values: Array(repeating: 0, count: rows.rows * groups)
        )
        rows.values.withUnsafeBufferPointer { rows in
            result.values.withUnsafeMutableBufferPointer { result in
                guard let from = rows.baseAddress, let into = result.baseAddress else { return }
                margins(rows: from, count: result.count / groups, stride: features, into: into, split: split)
            }
        }
        return result
    }

    /// What the bare `Booster.predict` answers.
    package func predict(_ rows: Matrix, split: RowSplit? = nil) -> Matrix {
        linked(rows, predictionColumns, split) { predict(margins: $0, into: $1) }
    }

    /// `predict_proba` of the scikit-learn-style classifier.
    package func probabilities(_ rows: Matrix, split: RowSplit? = nil) -> Matrix {
        linked(rows, classes, split) { probabilities(margins: $0, into: $1) }
    }

    /// The places of the classes that the scikit-learn-style classifier predicts.
    package func classIndices(_ rows: Matrix, split: RowSplit? = nil) -> [Int] {
        let margins = margins(rows, split: split)
        return margins.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return [] }
            return (0..<rows.rows).map { classIndex(margins: base + $0 * groups) }
        }
    }

    private func linked(
        _ rows: Matrix,
        _ columns: Int,
        _ split: RowSplit?,
        _ link: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    ) -> Matrix {
        let margins = margins(rows, split: split)
        if rows.rows == 0 { return Matrix(rows: 0, columns: columns, values: []) }
        var result = Matrix(
            rows: rows.rows,
            columns: columns,
            values: Array(repeating: 0, count: rows.rows * columns)
        )
        margins.values.withUnsafeBufferPointer { margins in
            result.values.withUnsafeMutableBufferPointer { result in
                guard let from = margins.baseAddress, let into = result.baseAddress else { return }
                for row in 0..<rows.rows { link(from + row * groups, into + row * columns) }
            }
        }
        return result
    }
}
