/// What pods can use of a node: the machine less what EKS's AL2023 image keeps for the kubelet, the system and eviction.
///
/// Rounded down where a formula leaves a fraction, so that a plan never counts on what is not there.
package struct NodeAllocatable: Sendable, Equatable {
    package var cpuMillicores: Int
    package var memoryMiB: Int
    package var pods: Int

    package init(cpuMillicores: Int, memoryMiB: Int, pods: Int) {
        self.cpuMillicores = cpuMillicores
        self.memoryMiB = memoryMiB
        self.pods = pods
    }

    /// Millicores left: 60 are kept of the first core, 10 of the second, 5 of each of the next two, 2.5 of each further one.
    package static func cpuMillicores(vcpus: Int) -> Int {
        let beyondFour = max(0, vcpus - 4)
        let halves = 2 * 60 + (vcpus >= 2 ? 2 * 10 : 0) + 2 * 5 * min(2, max(0, vcpus - 2)) + 5 * beyondFour
        return max(0, (2_000 * vcpus - halves).dividing(by: 2))
    }

    /// MiB left of a machine: 7.5 % go to the hypervisor (and 64 MiB more on Arm), 11 MiB per pod and 255 MiB to the
    /// kubelet, 100 MiB to the eviction threshold.
    package static func memoryMiB(of memoryMiB: Int, architecture: CPUArchitecture, maxPods: Int) -> Int {
        let seen = memoryMiB - (architecture == .arm64 ? 64 : 0)
        return max(0, (925 * seen).dividing(by: 1_000) - (11 * maxPods + 255) - 100)
    }

    /// Pods per node with the VPC network plug-in: each interface of the default network card keeps one address for
    /// itself, and two pods use the host's network.
    package static func maxPods(defaultCardInterfaces: Int, ipv4PerInterface: Int) -> Int {
        defaultCardInterfaces * (ipv4PerInterface - 1) + 2
    }
}

extension Int {
    /// Division that rounds towards minus infinity.
    func dividing(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
