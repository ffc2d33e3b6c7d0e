/// What reading one file may cost; every limit is checked before memory is taken.
package struct ReadingLimits: Sendable {
    /// Bytes after unpacking, for packed files only.
    package var unpackedBytes = 128 << 20
    /// Unpacked bytes for each packed one, once more than ``ratioFreeBytes`` came out.
    package var unpackingRatio = 200
    /// Below this the ratio is not looked at: an array of zeros packs well.
    package var ratioFreeBytes = 16 << 20
    package var opcodes = 50_000_000
    package var memoEntries = 1_000_000
    package var nodes = 5_000_000
    /// Containers within containers.
    package var depth = 256
    /// Values below one, each counted as often as it is referred to: ten lists of ten references each are a hundred.
    package var references: Float = 1e9
    /// One text.
    ///
    /// It is a range of the file and costs nothing, but a LightGBM model is one text, and protocols 0 to 2 write array
    /// data as one.
    package var textBytes = 256 << 20
    package var integerBytes = 32
    /// Estimators within estimators.
    package var estimatorDepth = 32
    /// Estimators in all, each counted as often as it is evaluated: sharing must not multiply the work.
    package var estimators = 100_000
    package var trees = 20_000
    package var treeNodes = 20_000_000
    /// Numbers taken out of arrays, eighths of texts and bytes of boosters in all; half a GiB as doubles.
    ///
    /// Arrays can be referred to more than once, so the size of the file is no bound.
    package var decodedElements = 64 << 20
    /// Wall time of the whole; nil without a limit.
    package var duration: Duration? = .seconds(5)

    package init() {}
}
