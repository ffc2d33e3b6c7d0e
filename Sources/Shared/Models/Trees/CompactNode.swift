/// A node of 8 bytes, read by one load: a 32-bit threshold, 15 bits of feature and the distance to the left child.
struct CompactNode {
    /// Low half: the threshold's bits, as in `WideNode`.
    ///
    /// High half: distance to the left child (0 at a leaf), 16 bits; feature, 15 bits; whether NaN goes right, one bit.
    var bits: UInt64

    static let maximumDistance = 0xFFFF
    static let maximumFeatures = 0x8000

    init(threshold: Float, distance: Int, feature: Int, missingGoesRight: Bool) {
        let high = UInt32(distance) | UInt32(feature) << 16 | (missingGoesRight ? 1 << 31 : 0)
        bits = UInt64(threshold.bitPattern) | UInt64(high) << 32
    }
}
