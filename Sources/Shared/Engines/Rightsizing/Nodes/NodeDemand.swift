import Contract

/// What a type must offer to take a node's place.
package struct NodeDemand: Sendable, Hashable {
    /// vCPUs and MiB of the whole machine, from the documented rule.
    package var vcpus: Int
    package var memoryMiB: Int
    /// What pods must be able to use: peak use over 0.80, and no less than all requests.
    package var millicores: Int
    package var usableMiB: Int
    package var pods: Int
    package var gpus: Int
    /// Accelerators of another kind are no replacement: with this only the same family will do.
    package var gpuFamily: String?
    package var architectures: Set<Architecture>
    package var averageMillicores: Double?
    package var allowsBurstable: Bool
    package var networkMbps: Double?
    package var ebsMbps: Double?
    /// GB that must be there; 0 with `needsLocalDisk` when only the disk's use is not known.
    package var localDiskGB: Double
    package var needsLocalDisk: Bool
    package var allowed: [NamePattern]
    package var blocked: [NamePattern]
    package var allowsBareMetal: Bool

    /// The first thing the type lacks; nothing when it fits.
    package func shortage(in spec: InstanceSpec) -> String? {
        if !allowed.isEmpty, !allowed.contains(where: { $0.matches(type: spec.name, family: spec.family) }) {
            return "not_allowed"
        }
        if blocked.contains(where: { $0.matches(type: spec.name, family: spec.family) }) { return "excluded" }
        if !architectures.contains(spec.architecture) { return "architecture" }
        if spec.isBareMetal, !allowsBareMetal { return "bare_metal" }
        if spec.vcpus < vcpus || spec.allocatableMillicores < millicores { return "below_cpu" }
        if spec.memoryMiB < memoryMiB || spec.allocatableMiB < usableMiB { return "below_memory" }
        if spec.maximumPods < pods { return "below_pods" }
        if spec.gpuCount < gpus { return "below_gpus" }
        if let gpuFamily, spec.family != gpuFamily { return "other_accelerator" }
        return shortageOfDevices(spec)
    }

    private func shortageOfDevices(_ spec: InstanceSpec) -> String? {
        if let networkMbps, spec.networkMbps.map({ Double($0) < networkMbps }) ?? true { return "below_network" }
        if let ebsMbps, spec.ebsMbps.map({ Double($0) < ebsMbps }) ?? true { return "below_ebs_bandwidth" }
        if needsLocalDisk {
            guard let disk = spec.localDiskGB, disk > 0, Double(disk) >= localDiskGB else { return "below_local_disk" }
        }
        guard spec.isBurstable else { return nil }
        if !allowsBurstable { return "burstable_not_allowed" }
        guard let average = averageMillicores, let baseline = spec.baselineMillicores, average < Double(baseline) else {
            return "above_burstable_baseline"
        }
        return nil
    }
}
