import Contract

/// The size a container should have, and why.
package struct ContainerSizing: Sendable, Hashable {
    /// Millicores.
    package private(set) var cpuRequest: Int64?
    /// Bytes.
    package private(set) var memoryRequest: Int64?
    package private(set) var cpuLimit = ResourcePatch.Change.keep
    package private(set) var memoryLimit = ResourcePatch.Change.keep
    /// Codes of the rules that shaped the size, in the order they applied.
    package private(set) var rules: [String] = []

    private let current: ContainerResources
    private let policy: RightsizePolicy

    /// What is known about the container beside its use.
    package struct Circumstances: Sendable, Hashable {
        package var jvm = false
        package var isBatch = false
        package var isGuaranteed = false
        /// The highest limit under which it was killed for memory, in bytes.
        package var killedAt: Int64?

        package init(jvm: Bool = false, isBatch: Bool = false, isGuaranteed: Bool = false, killedAt: Int64? = nil) {
            self.jvm = jvm
            self.isBatch = isBatch
            self.isGuaranteed = isGuaranteed
            self.killedAt = killedAt
        }
    }

    package init(
        _ evidence: ContainerEvidence,
        current: ContainerResources,
        circumstances: Circumstances = .init(),
        vpa: VPARecommendation? = nil,
        policy: RightsizePolicy = .standard
    ) {
        self.current = current
        self.policy = policy
        sizeCPU(evidence, circumstances, vpa)
        sizeMemory(evidence, circumstances, vpa)
        setCPULimit(circumstances)
        setMemoryLimit()
    }

    private mutating func sizeCPU(_ evidence: ContainerEvidence, _ about: Circumstances, _ vpa: VPARecommendation?) {
        guard let used = evidence.cpu95 else { return }
        var millicores: Int64
        if let vpa {
            millicores = vpa.target.millicores
        } else {
            millicores = Self.whole(used * (1 + policy.margin) * 1000)
        }
        raise(&millicores, to: policy.leastMillicores, "cpu_floor")
        if let throttled = evidence.throttled, throttled > policy.throttledShare,
            let ceiling = current.cpuLimit ?? current.cpuRequest
        {
            // What it used was cut off at the limit: it needs at least that much and the share it was denied.
            raise(&millicores, to: Self.whole(Double(ceiling) * (1 + min(1, throttled))), "throttled")
        }
        if about.isBatch, let request = current.effectiveCPURequest { raise(&millicores, to: request, "batch_kept") }
        cpuRequest = min(millicores, policy.mostMillicores)
    }

    private mutating func sizeMemory(_ evidence: ContainerEvidence, _ about: Circumstances, _ vpa: VPARecommendation?) {
        guard let peak = evidence.memoryPeak else { return }
        var bytes: Int64
        if let vpa {
            bytes = vpa.target.bytes
        } else {
            bytes = Self.whole(peak * (1 + policy.margin))
        }
        raise(&bytes, to: Self.whole(peak), "working_set_peak")
        raise(&bytes, to: policy.leastBytes, "memory_floor")
        if let killed = about.killedAt {
            // It used all of the limit and wanted more: the peak that was seen is no peak.
            raise(&bytes, to: Self.whole(Double(killed) * policy.killFactor), "killed_for_memory")
        }
        if let request = current.effectiveMemoryRequest {
            if about.jvm { raise(&bytes, to: request, "jvm_kept") }
            if about.isBatch { raise(&bytes, to: request, "batch_kept") }
        }
        memoryRequest = min(bytes, policy.mostBytes).roundedUp(to: .mebibyte)
    }

    private mutating func raise(_ amount: inout Int64, to least: Int64, _ rule: String) {
        guard least > amount else { return }
        amount = least
        if !rules.contains(rule) { rules.append(rule) }
    }

    private mutating func setCPULimit(_ about: Circumstances) {
        guard let request = cpuRequest else { return }
        switch policy.cpuLimit {
        case .keep: break
        case .factor(let factor): cpuLimit = .set(max(request, Self.whole(Double(request) * factor)))
        case .none:
            guard current.cpuLimit != nil else { return }
            if about.isGuaranteed {
                // Without its CPU limit the pod would lose its class, and with it exclusive cores.
                cpuLimit = .set(request)
                rules.append("guaranteed_kept")
            } else {
                cpuLimit = .remove
            }
        }
        if policy.cpuLimit == .keep, let limit = current.cpuLimit, limit < request {
            cpuLimit = .set(request)
            rules.append("cpu_limit_raised_to_request")
        }
    }

    private mutating func setMemoryLimit() {
        guard let request = memoryRequest else { return }
        switch policy.memoryLimit {
        case .factor(let factor):
            let limit = max(request, Self.whole(Double(request) * factor))
            memoryLimit = .set(limit.roundedUp(to: .mebibyte))
        case .none: memoryLimit = current.memoryLimit == nil ? .keep : .remove
        case .keep:
            guard let limit = current.memoryLimit, limit < request else { return }
            memoryLimit = .set(request)
            rules.append("memory_limit_raised_to_request")
        }
    }

    // MARK: Change

    package enum Action: String, Sendable, Hashable {
        case none, downsize, upsize, set, mixed
    }

    package var action: Action {
        let changes = [
            Self.change(current.effectiveCPURequest, cpuRequest, policy),
            Self.change(current.effectiveMemoryRequest, memoryRequest, policy),
        ]
        let actions = Set(changes).subtracting([.none])
        if actions.count > 1 { return .mixed }
        return actions.first ?? .none
    }

    private static func change(_ now: Int64?, _ then: Int64?, _ policy: RightsizePolicy) -> Action {
        guard let then else { return .none }
        guard let now, now > 0 else { return .set }
        // Every change restarts pods: a few percent are not worth that.
        let share = Double(then) / Double(now) - 1
        if share <= -policy.leastChange { return .downsize }
        return share >= policy.leastChange ? .upsize : .none
    }

    private static func whole(_ amount: Double) -> Int64 {
        amount < 9e18 ? Int64(max(0, amount.rounded(.up))) : .max
    }
}
