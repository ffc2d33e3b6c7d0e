/// How a library compares and sums, the same for all trees of an ensemble.
package struct TreeForm: Sendable {
    /// The type that features and thresholds have when they are compared.
    package enum Precision: Sendable {
        /// Features are rounded to 32 bits first: scikit-learn's trees and forests, XGBoost.
        case float
        /// Histogram gradient boosting, LightGBM.
        case double
    }

    /// When a value goes left.
    package enum Comparison: Sendable {
        /// `x <= threshold`: scikit-learn, LightGBM.
        case atMost
        /// `x < threshold`: XGBoost.
        case below
    }

    /// The type in which leaves are added up, tree after tree.
    package enum Sum: Sendable { case float, double }

    /// Columns of a row; splits may name 0..<features.
    package var features: Int
    /// Columns of an answer.
    package var outputs: Int
    /// A leaf holds `outputs` values, not one for the tree's own column.
    package var vectorLeaves: Bool
    package var precision: Precision
    package var comparison: Comparison
    package var sum: Sum
    /// Nodes that no split leads to are ignored: XGBoost leaves them behind when it prunes.
    ///
    /// Elsewhere they are an error.
    package var allowsStrayNodes = false
    /// A child stands after its parent, as in all genuine files of scikit-learn and LightGBM.
    package var childrenFollow = true
    /// LightGBM cuts a category's fraction off before it looks at the sign: -0.5 is category 0.
    package var truncatesCategories = false
    /// LightGBM reads values of at most 1e-35 in size as 0.
    package var flushesTinyValues = false

    package init(
        features: Int,
        outputs: Int,
        vectorLeaves: Bool = false,
        precision: Precision,
        comparison: Comparison,
        sum: Sum = .double
    ) {
        self.features = features
        self.outputs = outputs
        self.vectorLeaves = vectorLeaves
        self.precision = precision
        self.comparison = comparison
        self.sum = sum
    }
}
