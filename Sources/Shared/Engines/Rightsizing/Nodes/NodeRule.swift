/// The documented rule of the node level: when a node is too large or too small, and the size it should have.
package struct NodeRule: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable {
        case downsize, upsize
    }

    package var action: Action
    /// vCPUs and GB of the whole machine, as the document counts them.
    package var cpu: Int
    package var memory: Int

    /// Applies the rule: below 50 % of both is too large (50.0 is not), above 80 % of either too small (80.0 is not).
    ///
    /// A smaller node is to be used to 50 %, a larger one is 20 % larger.
    ///
    /// Use is in percent of the machine, which has `currentCPU` vCPUs and `currentMemory` GB. Nothing when the node is
    /// right as it is.
    package init?(
        cpuPercent: Double,
        memoryPercent: Double,
        currentCPU: Double,
        currentMemory: Double,
        policy: RightsizePolicy = .standard
    ) {
        if cpuPercent < policy.downsizeBelow, memoryPercent < policy.downsizeBelow {
            action = .downsize
            // The order of the operations is the document's: in binary fractions another order rounds otherwise.
            cpu = Self.whole(currentCPU * (cpuPercent / 100) / policy.downsizeTarget)
            memory = Self.whole(currentMemory * (memoryPercent / 100) / policy.downsizeTarget)
        } else if cpuPercent > policy.upsizeAbove || memoryPercent > policy.upsizeAbove {
            action = .upsize
            cpu = Self.whole(currentCPU * (1 + policy.upsizeBuffer))
            memory = Self.whole(currentMemory * (1 + policy.upsizeBuffer))
        } else {
            return nil
        }
    }

    /// At least 1, so that an idle node is not to become nothing.
    private static func whole(_ amount: Double) -> Int {
        guard amount.isFinite else { return amount > 0 ? most : 1 }
        return Int(min(Double(most), max(1, amount.rounded(.up))))
    }

    /// Far above any machine.
    private static let most = 1_000_000

    /// Keeps the size within what the caller allows; the least wins over the most.
    mutating func clamp(cpu range: (least: Int?, most: Int?), memory memoryRange: (least: Int?, most: Int?)) {
        if let most = range.most { cpu = min(cpu, most) }
        if let least = range.least { cpu = max(cpu, least) }
        if let most = memoryRange.most { memory = min(memory, most) }
        if let least = memoryRange.least { memory = max(memory, least) }
    }
}
