/// One tree as its library stores it: arrays with an entry for each node, the root first.
///
/// Nothing in it is trusted; `TreeEnsembleBuilder.add` checks it.
package struct TreeNodes: Sendable {
    /// Negative, like `right`, at a leaf.
    package var left: [Int32] = []
    package var right: [Int32] = []
    /// Not read at a leaf.
    package var feature: [Int32] = []
    /// Not read at a leaf.
    ///
    /// Plus infinity sends all but missing values left.
    package var threshold: [Double] = []
    /// Where NaN goes; empty when it goes left everywhere.
    package var missingGoesRight: [Bool] = []
    /// LightGBM's missing kind "zero": values of at most 1e-35 in size go where NaN goes.
    ///
    /// Empty: nowhere.
    package var zeroIsMissing: [Bool] = []
    /// The place in `categories` of a categorical split, negative at others; empty when there is none.
    package var category: [Int32] = []
    package var categories: [CategorySplit] = []
    /// A value for each node (only those of leaves are read), or `outputs` of them where leaves are vectors.
    package var values: [Double] = []
    /// Leaves that are linear functions, by node.
    package var linear: [Int: LinearLeaf] = [:]
    /// The column that the leaf is added to, where it is one value.
    package var output = 0

    package init() {}
}
