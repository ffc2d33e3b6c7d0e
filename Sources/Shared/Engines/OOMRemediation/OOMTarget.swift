import Contract

/// The memory a killed container should have: the documented rule with its floor and its cap.
package struct OOMTarget: Sendable, Hashable {
    /// Bytes; the limit to set, and never above ``cap``.
    package let limit: Int64
    /// The larger of limit, request and peak.
    package let base: Int64
    package let cap: Int64
    /// True when the cap leaves less than the least step: raising further is for a human.
    package let isCapped: Bool

    /// The least step: less is used up before anyone looks.
    package static let step: Int64 = 100 * .mebibyte
    /// Limits are whole multiples of this, so that patches stay readable.
    package static let grain: Int64 = 16 * .mebibyte

    /// Applies `next = max(base × factor, base + 100 MiB)`, rounded up to 16 MiB, at most `most` × the ORIGINAL limit.
    ///
    /// - Parameters:
    ///   - limit: Bytes in force.
    ///   - request: Bytes asked for, where known.
    ///   - peak: The most bytes ever seen in use, where known.
    ///   - originalLimit: Before the first repair, so that repairs cannot pile up beyond the cap.
    ///   - factor: 1 to 2.
    ///   - most: The cap as a multiple of the original limit.
    package init(
        limit: Int64,
        request: Int64? = nil,
        peak: Int64? = nil,
        originalLimit: Int64? = nil,
        factor: Double = 1.5,
        most: Double = 2.0
    ) {
        let current = max(0, limit)
        let base = max(current, request ?? 0, peak ?? 0)
        self.base = base
        // An original above the present limit is a mistake in the history: then nothing was raised yet.
        let original = min(max(0, originalLimit ?? current), current)
        cap = Self.scaled(original, most)
        let least = base.addingClamped(Self.step)
        let next = max(Self.scaled(base, factor), least).roundedUp(to: Self.grain)
        // Never below what is there, whatever the cap says.
        self.limit = max(current, min(next, cap))
        isCapped = cap < least
    }

    private static func scaled(_ amount: Int64, _ factor: Double) -> Int64 {
        let product = (Double(amount) * factor).rounded(.down)
        return product < 9e18 ? Int64(product) : .max
    }

    /// The request that goes with the limit: all of it for a Guaranteed pod, else what is used, within the limit.
    package func request(current: Int64?, used95: Double?, isGuaranteed: Bool) -> Int64? {
        if isGuaranteed { return limit }
        let used = used95.map { $0 < 9e18 ? Int64($0.rounded(.up)).roundedUp(to: .mebibyte) : Int64.max }
        guard current != nil || used != nil else { return nil }
        return max(current ?? 0, min(limit, max(current ?? 0, used ?? 0)))
    }
}
