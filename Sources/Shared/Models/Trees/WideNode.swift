/// A node of 16 bytes, for what the compact one cannot hold: 64-bit thresholds, categories, many features, big trees.
struct WideNode {
    /// The value goes right when it is at least this much; NaN at a leaf, and where no value goes right.
    ///
    /// At a categorical split the bits are the place of its set.
    var threshold: Double
    /// In the whole ensemble; the right child is the next one.
    ///
    /// A leaf names itself, so that a walk can stay there.
    var left: Int32
    /// With the flags below.
    var featureAndFlags: UInt32

    static let missingGoesRight: UInt32 = 1 << 31
    static let categorical: UInt32 = 1 << 30
    static let zeroIsMissing: UInt32 = 1 << 29
    static let featureMask: UInt32 = (1 << 24) - 1

    var feature: Int { Int(featureAndFlags & Self.featureMask) }
    func has(_ flag: UInt32) -> Bool { featureAndFlags & flag != 0 }
}
