/// What a booster's file may have at most.
///
/// Checked before memory is taken.
package struct BoosterLimits: Sendable {
    package var bytes = 512 << 20
    /// Objects, arrays, texts and single values outside of arrays of numbers.
    package var elements = 4_000_000
    /// Numbers in arrays.
    package var numbers = 200_000_000
    package var depth = 64
    /// Bytes of one text or name.
    package var text = 16 << 20
    package var trees = TreeLimits()

    package init() {}
}
