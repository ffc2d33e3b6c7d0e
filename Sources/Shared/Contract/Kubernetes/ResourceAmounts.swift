/// Amounts of the resources that scheduling counts; whatever is not named is zero.
///
/// Sums and differences stop at the ends of 64 bits instead of trapping: quantities come from strangers.
package struct ResourceAmounts: Sendable, Hashable {
    /// Millicores.
    package var cpu: Int64
    /// Bytes.
    package var memory: Int64
    /// Bytes of local disk.
    package var ephemeralStorage: Int64
    /// Pod slots.
    package var pods: Int64
    /// Everything else by its name, such as `nvidia.com/gpu` or `hugepages-2Mi`; no zeros.
    package var extended: NameTable<Int64>

    package init(
        cpu: Int64 = 0,
        memory: Int64 = 0,
        ephemeralStorage: Int64 = 0,
        pods: Int64 = 0,
        extended: NameTable<Int64> = [:]
    ) {
        self.cpu = cpu
        self.memory = memory
        self.ephemeralStorage = ephemeralStorage
        self.pods = pods
        self.extended = extended
    }

    package static let zero = ResourceAmounts()

    package var isZero: Bool { self == .zero }

    package static func + (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        left.merged(with: right) { $0.addingClamped($1) }
    }

    package static func += (left: inout ResourceAmounts, right: ResourceAmounts) { left = left + right }

    /// May be negative: an overbooked node has less than nothing left.
    package static func - (left: ResourceAmounts, right: ResourceAmounts) -> ResourceAmounts {
        left.merged(with: right) { $0.subtractingClamped($1) }
    }

    package static func -= (left: inout ResourceAmounts, right: ResourceAmounts) { left = left - right }

    /// The larger of the two, resource by resource.
    package func maximum(_ other: ResourceAmounts) -> ResourceAmounts { merged(with: other) { max($0, $1) } }

    /// True when every resource asked for is there.
    package func fits(in free: ResourceAmounts) -> Bool { shortage(in: free) == nil }

    /// The first resource of which there is too little; a resource not asked for is never short.
    package func shortage(in free: ResourceAmounts) -> String? {
        if cpu > 0, cpu > free.cpu { return "cpu" }
        if memory > 0, memory > free.memory { return "memory" }
        if pods > 0, pods > free.pods { return "pods" }
        if ephemeralStorage > 0, ephemeralStorage > free.ephemeralStorage { return "ephemeral-storage" }
        return extended.first { $0.value > 0 && $0.value > free.extended[$0.key, default: 0] }?.key
    }

    /// The amount under the resource's Kubernetes name.
    package func amount(of resource: String) -> Int64 {
        switch resource {
        case "cpu": cpu
        case "memory": memory
        case "ephemeral-storage": ephemeralStorage
        case "pods": pods
        default: extended[resource, default: 0]
        }
    }

    private func merged(with other: ResourceAmounts, _ combine: (Int64, Int64) -> Int64) -> ResourceAmounts {
        var result = ResourceAmounts(
            cpu: combine(cpu, other.cpu),
            memory: combine(memory, other.memory),
            ephemeralStorage: combine(ephemeralStorage, other.ephemeralStorage),
            pods: combine(pods, other.pods)
        )
        if extended.isEmpty, other.extended.isEmpty { return result }
        var table: [NameTable<Int64>.Entry] = []
        for entry in extended {
            let value = combine(entry.value, other.extended[entry.key, default: 0])
            if value != 0 { table.append(.init(key: entry.key, value: value)) }
        }
        for entry in other.extended where extended[entry.key] == nil {
            let value = combine(0, entry.value)
            if value != 0 { table.append(.init(key: entry.key, value: value)) }
        }
        result.extended = NameTable(table)
        return result
    }
}

extension Int64 {
    /// The sum, or the end of the range it would pass.
    package func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    /// The difference, or the end of the range it would pass.
    package func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }

    /// The product, or the end of the range it would pass.
    package func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
