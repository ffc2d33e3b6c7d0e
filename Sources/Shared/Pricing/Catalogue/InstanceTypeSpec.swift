import Contract

/// One instance type as the engines see it: size, kind, and what pods can use of it.
package struct InstanceTypeSpec: Sendable, Equatable {
    package let name: String
    package let family: String
    package let category: String
    package let generation: Int?
    package let size: String
    package let vcpus: Int
    package let memoryMiB: Int
    package let architecture: CPUArchitecture
    package let gpuCount: Int
    package let gpuName: String?
    package let bareMetal: Bool
    package let burstable: Bool
    /// nil when no source told; 0 when a source told that there is none.
    package let localDiskGB: Int?
    package let networkMbps: Int?
    package let networkPerformance: String?
    package let enhancedNetworking: Bool?
    package let currentGeneration: Bool?
    package let processor: String?
    package let maxPods: Int?
    /// As measured by a catalogue file, else by formula.
    package let allocatableCPUMillicores: Int
    /// nil while ``maxPods`` is unknown: the kubelet's share depends on it.
    package let allocatableMemoryMiB: Int?
    package let allocatablePods: Int?
    /// The best source that contributed.
    package let source: CatalogueSource
    /// Attributes that no source stated: read from the name or computed.
    package let derived: Set<InstanceAttribute>

    /// - Returns: nil while vCPUs or memory are unknown.
    package init?(_ facts: InstanceTypeFacts) {
        guard let vcpus = facts.vcpus, let memoryMiB = facts.memoryMiB else { return nil }
        name = facts.name.description
        family = facts.name.family
        category = facts.name.series
        generation = facts.name.generation
        size = facts.name.size
        self.vcpus = vcpus
        self.memoryMiB = memoryMiB
        let architecture = facts.architecture ?? .unknown
        self.architecture = architecture
        gpuCount = facts.gpuCount ?? 0
        gpuName = facts.gpuName
        bareMetal = facts.bareMetal ?? facts.name.isBareMetal
        burstable = facts.burstable ?? facts.name.isBurstable
        localDiskGB = facts.localDiskGB
        networkMbps = facts.networkMbps
        networkPerformance = facts.networkPerformance
        enhancedNetworking = facts.enhancedNetworking
        currentGeneration = facts.currentGeneration
        processor = facts.processor
        maxPods = facts.maxPods
        allocatableCPUMillicores = facts.allocatableCPU ?? NodeAllocatable.cpuMillicores(vcpus: vcpus)
        allocatableMemoryMiB =
            facts.allocatableMemory
            ?? facts.maxPods.map {
                NodeAllocatable.memoryMiB(of: memoryMiB, architecture: architecture, maxPods: $0)
            }
        allocatablePods = facts.allocatablePods ?? facts.maxPods
        source = facts.provenance.values.max() ?? .name

        var derived = Set(facts.provenance.filter { $0.value == .name }.keys)
        if facts.gpuCount == nil { derived.insert(.gpuCount) }
        if facts.allocatableCPU == nil { derived.insert(.allocatableCPU) }
        if facts.allocatableMemory == nil { derived.insert(.allocatableMemory) }
        if facts.allocatablePods == nil { derived.insert(.allocatablePods) }
        self.derived = derived
    }
}
