package import Contract

/// What a container asks for and may use, as written; nothing is what is not written.
package struct ContainerResources: Sendable, Hashable {
    package var cpuRequest: Int64?
    package var cpuLimit: Int64?
    package var memoryRequest: Int64?
    package var memoryLimit: Int64?

    /// CPU in millicores, memory in bytes.
    package init(
        cpuRequest: Int64? = nil,
        cpuLimit: Int64? = nil,
        memoryRequest: Int64? = nil,
        memoryLimit: Int64? = nil
    ) {
        self.cpuRequest = cpuRequest
        self.cpuLimit = cpuLimit
        self.memoryRequest = memoryRequest
        self.memoryLimit = memoryLimit
    }

    package init(_ container: Container) {
        self.init(
            cpuRequest: container.requests.cpu,
            cpuLimit: container.limits.cpu,
            memoryRequest: container.requests.memory,
            memoryLimit: container.limits.memory
        )
    }

    /// A request that is not written is the limit.
    package var effectiveCPURequest: Int64? { cpuRequest ?? cpuLimit }
    package var effectiveMemoryRequest: Int64? { memoryRequest ?? memoryLimit }

    package var json: JSONValue {
        [
            "cpu_request_millicores": Self.number(cpuRequest),
            "cpu_limit_millicores": Self.number(cpuLimit),
            "memory_request_bytes": Self.number(memoryRequest),
            "memory_limit_bytes": Self.number(memoryLimit),
        ]
    }

    private static func number(_ value: Int64?) -> JSONValue { value.map { .integer($0) } ?? .null }
}

extension Int64 {
    package static let mebibyte: Int64 = 1 << 20

    /// Up to the next multiple of a positive step; stays where the next multiple would leave the range.
    package func roundedUp(to step: Int64) -> Int64 {
        let rest = self % step
        guard rest != 0 else { return self }
        let (sum, overflow) = addingReportingOverflow(rest > 0 ? step - rest : -rest)
        return overflow ? self : sum
    }
}
