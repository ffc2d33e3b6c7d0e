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

    /// More than any number of pods can use: stands for what nobody told us.
    package static let unlimited = PodDemand(millicores: .max, mebibytes: .max, slots: .max)

    private static func clamp(_ value: Int64) -> Int64 { min(max(value, -most), most) }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            millicores: left.millicores + right.millicores,
            mebibytes: left.mebibytes + right.mebibytes,
            slots: left.slots + right.slots
        )
    }

    package static func - (left: Self, right: Self) -> Self {
        Self(
            millicores: left.millicores - right.millicores,
            mebibytes: left.mebibytes - right.mebibytes,
            slots: left.slots - right.slots
        )
    }

    /// True when no part is below the other's.
    package func covers(_ other: PodDemand) -> Bool {
        millicores >= other.millicores && mebibytes >= other.mebibytes && slots >= other.slots
    }

    package var isNegative: Bool { millicores < 0 || mebibytes < 0 || slots < 0 }

    /// The part-wise smaller of this and zero.
    package var belowZero: PodDemand {
        PodDemand(millicores: min(0, millicores), mebibytes: min(0, mebibytes), slots: min(0, slots))
    }
}
