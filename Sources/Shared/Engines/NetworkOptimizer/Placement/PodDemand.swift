/// What a pod asks of its zone, and what a zone has left.
package struct PodDemand: Sendable, Hashable {
    /// A sum of a million amounts of this size still fits 64 bits; no machine comes near it.
    private static let most: Int64 = 1_000_000_000_000

    package var millicores: Int64
    package var mebibytes: Int64
    /// One per pod, against the nodes' limit on pods.
    package var slots: Int64

    package init(millicores: Int64 = 0, mebibytes: Int64 = 0, slots: Int64 = 0) {
        self.millicores = Self.clamp(millicores)
        self.mebibytes = Self.clamp(mebibytes)
        self.slots = Self.clamp(slots)
    }

    /// Sums and differences of amounts that were clamped once stay far within 64 bits.
    private init(exactly millicores: Int64, _ mebibytes: Int64, _ slots: Int64) {
        self.millicores = millicores
        self.mebibytes = mebibytes
        self.slots = slots
    }

    /// More than any number of pods can use: stands for what nobody told us.
    package static let unlimited = PodDemand(exactly: most * 1_000_000, most * 1_000_000, most * 1_000_000)

    private static func clamp(_ value: Int64) -> Int64 { min(max(value, -most), most) }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            exactly: left.millicores &+ right.millicores,
            left.mebibytes &+ right.mebibytes,
            left.slots &+ right.slots
        )
    }

    package static func - (left: Self, right: Self) -> Self {
        Self(
            exactly: left.millicores &- right.millicores,
            left.mebibytes &- right.mebibytes,
            left.slots &- right.slots
        )
    }

    /// True when no part is below the other's.
    package func covers(_ other: PodDemand) -> Bool {
        millicores >= other.millicores && mebibytes >= other.mebibytes && slots >= other.slots
    }

    package var isNegative: Bool { millicores < 0 || mebibytes < 0 || slots < 0 }

    /// The part-wise smaller of this and zero.
    package var belowZero: PodDemand {
        PodDemand(exactly: min(0, millicores), min(0, mebibytes), min(0, slots))
    }
}
