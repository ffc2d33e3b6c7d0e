/// Requests or limits as they are written: what is not written is nothing, which differs from zero.
package struct ResourceList: Sendable, Hashable {
    /// Millicores.
    package var cpu: Int64?
    /// Bytes.
    package var memory: Int64?
    /// Bytes of local disk.
    package var ephemeralStorage: Int64?
    /// Everything else by its name, zeros included.
    package var extended: NameTable<Int64>

    package init(
        cpu: Int64? = nil,
        memory: Int64? = nil,
        ephemeralStorage: Int64? = nil,
        extended: NameTable<Int64> = [:]
    ) {
        self.cpu = cpu
        self.memory = memory
        self.ephemeralStorage = ephemeralStorage
        self.extended = extended
    }

    package var isEmpty: Bool { cpu == nil && memory == nil && ephemeralStorage == nil && extended.isEmpty }

    /// These, and the other list's amounts for what is not written here: requests default to limits this way.
    package func defaulting(to other: ResourceList) -> ResourceList {
        var result = ResourceList(
            cpu: cpu ?? other.cpu,
            memory: memory ?? other.memory,
            ephemeralStorage: ephemeralStorage ?? other.ephemeralStorage,
            extended: extended
        )
        for entry in other.extended where extended[entry.key] == nil { result.extended[entry.key] = entry.value }
        return result
    }

    /// What is not written counts as zero.
    package var amounts: ResourceAmounts {
        ResourceAmounts(
            cpu: cpu ?? 0,
            memory: memory ?? 0,
            ephemeralStorage: ephemeralStorage ?? 0,
            extended: extended.contains { $0.value == 0 }
                ? NameTable(extended.entries.filter { $0.value != 0 }) : extended
        )
    }
}
