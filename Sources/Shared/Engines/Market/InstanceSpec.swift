import Contract

/// The processor family a type runs, as Kubernetes labels it.
package enum Architecture: String, Sendable, CaseIterable, Hashable, Comparable, Codable {
    case amd64, arm64

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What an instance type offers to pods.
package struct InstanceSpec: Sendable, Hashable, Codable {
    package var name: String
    package var vcpus: Int
    package var memoryMiB: Int
    /// What the kubelet leaves for pods, in millicores.
    package var allocatableMillicores: Int
    /// What the kubelet leaves for pods.
    package var allocatableMiB: Int
    package var maximumPods: Int
    package var architecture: Architecture
    package var gpuCount: Int
    package var isBurstable: Bool
    package var isBareMetal: Bool
    package var generation: Int
    /// Everything before the dot of the name.
    package var family: String
    /// True when the allocatable figures come from the reserve formula instead of a catalogue.
    package var isEstimated: Bool
    /// Megabits per second that are always there; nothing when no source told.
    package var networkMbps: Int?
    /// Megabits per second to EBS; nothing when no source told.
    package var ebsMbps: Int?
    /// Local disks in GB; nothing when no source told, 0 when a source told that there are none.
    package var localDiskGB: Int?

    package init(
        name: String,
        vcpus: Int,
        memoryMiB: Int,
        allocatableMillicores: Int,
        allocatableMiB: Int,
        maximumPods: Int,
        architecture: Architecture,
        gpuCount: Int = 0,
        isBurstable: Bool = false,
        isBareMetal: Bool = false,
        generation: Int,
        family: String,
        isEstimated: Bool = false
    ) {
        self.name = name
        self.vcpus = vcpus
        self.memoryMiB = memoryMiB
        self.allocatableMillicores = allocatableMillicores
        self.allocatableMiB = allocatableMiB
        self.maximumPods = maximumPods
        self.architecture = architecture
        self.gpuCount = gpuCount
        self.isBurstable = isBurstable
        self.isBareMetal = isBareMetal
        self.generation = generation
        self.family = family
        self.isEstimated = isEstimated
    }

    /// A spec whose remaining properties follow from the name and from the kubelet's reserve on EKS (AL2023).
    ///
    /// The name must be well-formed, or there is no spec. Without `maximumPods` (interfaces of the default network card ×
    /// (IPv4 addresses − 1) + 2) the usual ceiling of 110, from 30 vCPU on 250, stands in. Allocatable figures come from
    /// a catalogue, or are estimated when nil.
    package init?(
        name: String,
        vcpus: Int,
        memoryMiB: Int,
        maximumPods: Int? = nil,
        gpuCount: Int = 0,
        architecture: Architecture? = nil,
        allocatableMillicores: Int? = nil,
        allocatableMiB: Int? = nil
    ) {
        guard let parts = InstanceTypeName(name), vcpus > 0, memoryMiB > 0 else { return nil }
        let pods = maximumPods ?? (vcpus >= 30 ? 250 : 110)
        let processor = architecture ?? (parts.isARM ? .arm64 : .amd64)
        self.init(
            name: name,
            vcpus: vcpus,
            memoryMiB: memoryMiB,
            allocatableMillicores: allocatableMillicores ?? Self.estimatedMillicores(vcpus: vcpus),
            allocatableMiB: allocatableMiB
                ?? Self.estimatedMiB(memoryMiB: memoryMiB, maximumPods: pods, architecture: processor),
            maximumPods: pods,
            architecture: processor,
            gpuCount: gpuCount,
            isBurstable: parts.isBurstable,
            isBareMetal: parts.isBareMetal,
            generation: parts.generation,
            family: parts.family,
            isEstimated: allocatableMillicores == nil || allocatableMiB == nil || maximumPods == nil
        )
    }

    /// CPU left for pods: the reserve is 6 % of the first core, 1 % of the second, 0.5 % of the next two and 0.25 %
    /// of every further one.
    package static func estimatedMillicores(vcpus: Int) -> Int {
        var reserve = 60.0
        if vcpus > 1 { reserve += 10 }
        reserve += 5 * Double(min(2, max(0, vcpus - 2)))
        reserve += 2.5 * Double(max(0, vcpus - 4))
        return vcpus * 1000 - Int(reserve.rounded(.up))
    }

    /// Memory left for pods: 7.5 % goes to the hypervisor and kernel, 11 MiB per pod and 255 MiB to the kubelet,
    /// 100 MiB to the eviction threshold.
    package static func estimatedMiB(memoryMiB: Int, maximumPods: Int, architecture: Architecture) -> Int {
        let usable = 0.925 * Double(memoryMiB - (architecture == .arm64 ? 64 : 0))
        return max(0, Int((usable - Double(11 * maximumPods + 255) - 100).rounded(.down)))
    }
}
