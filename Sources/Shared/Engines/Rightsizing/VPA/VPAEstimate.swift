import Glibc

/// Amounts as the recommender counts them: whole millicores and bytes, cut off, between 0 and 10^14.
enum VPAAmount {
    static let largest: Int64 = 100_000_000_000_000

    static func millicores(_ cores: Double) -> Int64 { whole(cores * 1000) }
    static func bytes(_ bytes: Double) -> Int64 { whole(bytes) }
    static func scaled(_ amount: Int64, _ factor: Double) -> Int64 { whole(Double(amount) * factor) }

    private static func whole(_ amount: Double) -> Int64 {
        if amount > Double(largest) { return largest }
        return amount > 0 ? Int64(amount) : 0
    }
}

/// One figure of the recommender for both resources.
package struct VPAEstimate: Sendable, Hashable {
    package var millicores: Int64
    package var bytes: Int64

    package init(millicores: Int64, bytes: Int64) {
        self.millicores = millicores
        self.bytes = bytes
    }
}

/// The three figures of the recommender: target and the bounds outside of which it would act.
package struct VPARecommendation: Sendable, Hashable {
    package let target: VPAEstimate
    package let lowerBound: VPAEstimate
    package let upperBound: VPAEstimate
    package let confidence: Double

    /// Added to every percentile.
    private static let margin = 0.15
    /// Least amounts of a pod, shared by its containers.
    private static let podMillicores: Int64 = 25
    private static let podBytes: Int64 = 250 << 20

    /// The recommender's order: percentile, margin, confidence, minimum.
    package init(_ state: VPAState, containersInPod: Int) {
        let confidence = state.confidence
        self.confidence = confidence
        let share = 1 / Double(max(1, containersInPod))
        func estimate(_ fraction: Double, _ factor: Double) -> VPAEstimate {
            VPAEstimate(
                millicores: Self.estimate(
                    VPAAmount.millicores(state.cpu.percentile(fraction)),
                    factor,
                    least: VPAAmount.scaled(Self.podMillicores, share)
                ),
                bytes: Self.estimate(
                    VPAAmount.bytes(state.memory.percentile(fraction)),
                    factor,
                    least: VPAAmount.scaled(Self.podBytes, share)
                )
            )
        }
        target = estimate(0.9, 1)
        // (1 + 0.001 / confidence)^-2 and 1 + 1 / confidence: without history the bounds are 0 and unbounded.
        lowerBound = estimate(0.5, pow(1 + 0.001 / confidence, -2))
        upperBound = estimate(0.95, 1 + 1 / confidence)
    }

    private static func estimate(_ percentile: Int64, _ factor: Double, least: Int64) -> Int64 {
        let withMargin = percentile + VPAAmount.scaled(percentile, margin)
        let scaled = factor == 1 ? withMargin : VPAAmount.scaled(withMargin, factor)
        return max(scaled, least)
    }
}
