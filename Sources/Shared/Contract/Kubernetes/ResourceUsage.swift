/// Measured use of a pod or of a node, as far as it was supplied; nothing is what was not.
package struct ResourceUsage: Sendable, Hashable {
    /// Millicores.
    package var cpu: Int64?
    /// Bytes.
    package var memory: Int64?
    /// Share of the capacity in percent, 0 to 100.
    package var cpuPercent: Double?
    /// Share of the capacity in percent, 0 to 100.
    package var memoryPercent: Double?

    package init(cpu: Int64? = nil, memory: Int64? = nil, cpuPercent: Double? = nil, memoryPercent: Double? = nil) {
        self.cpu = cpu
        self.memory = memory
        self.cpuPercent = cpuPercent
        self.memoryPercent = memoryPercent
    }

    package var isEmpty: Bool { cpu == nil && memory == nil && cpuPercent == nil && memoryPercent == nil }
}
