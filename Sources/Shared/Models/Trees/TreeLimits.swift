/// What an ensemble may have at most.
///
/// Checked before memory is taken.
package struct TreeLimits: Sendable {
    package var trees = 20_000
    package var nodes = 20_000_000
    /// The depths of all trees added up: the steps of one row at worst, some milliseconds.
    package var steps = 4_000_000
    /// Fits the node's field with its flags.
    package var features = 1 << 24
    package var outputs = 10_000
    /// 32-bit words of all category sets together.
    package var categoryWords = 16_000_000
    /// Coefficients of all linear leaves together.
    package var coefficients = 20_000_000
    /// Values of all leaves together.
    package var leafValues = 50_000_000

    package init() {}
}
