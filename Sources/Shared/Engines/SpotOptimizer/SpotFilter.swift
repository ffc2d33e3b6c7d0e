import Contract

/// Decides whether a type can serve the request at all, and gives the first reason why not.
///
/// CPU and memory are compared with what is left for pods, not with the nominal size: a node of 2 vCPU cannot run a pod
/// of 2 cores.
struct SpotFilter {
    let request: SpotRequest
    let minimumGeneration: Int

    init(_ request: SpotRequest, _ policy: SpotPolicy) {
        self.request = request
        minimumGeneration = request.minimumGeneration ?? policy.minimumGeneration
    }

    func rejection(of spec: InstanceSpec) -> Rejection? {
        guard let (reason, detail) = nameFault(spec) ?? kindFault(spec) ?? sizeFault(spec) else { return nil }
        return Rejection(spec.name, reason, detail: detail)
    }

    private func nameFault(_ spec: InstanceSpec) -> (String, String?)? {
        if isNamed(spec, request.excludedTypes) { return ("excluded", nil) }
        if !request.allowedTypes.isEmpty, !isNamed(spec, request.allowedTypes) { return ("type_not_allowed", nil) }
        if !request.families.isEmpty, !isNamed(spec, request.families) { return ("family_not_allowed", spec.family) }
        return nil
    }

    private func kindFault(_ spec: InstanceSpec) -> (String, String?)? {
        if !request.architectures.contains(spec.architecture) {
            return ("wrong_architecture", spec.architecture.rawValue)
        }
        if spec.isBareMetal { return ("bare_metal", nil) }
        if spec.generation < minimumGeneration { return ("old_generation", "generation \(spec.generation)") }
        if spec.isBurstable, !request.allowsBurstable { return ("burstable", "stalls under sustained load") }
        if spec.gpuCount < request.gpuCount { return ("below_gpu", "\(spec.gpuCount) of \(request.gpuCount)") }
        // A GPU nobody asked for is paid for all the same.
        if request.gpuCount == 0, spec.gpuCount > 0 { return ("has_gpu", "\(spec.gpuCount)") }
        return nil
    }

    private func sizeFault(_ spec: InstanceSpec) -> (String, String?)? {
        let node = request.node
        if spec.allocatableMillicores < node.millicores {
            return ("below_cpu", "\(spec.allocatableMillicores)m of \(node.millicores)m")
        }
        if spec.allocatableMiB < node.mebibytes {
            return ("below_memory", "\(spec.allocatableMiB)Mi of \(node.mebibytes)Mi")
        }
        return spec.maximumPods < node.pods ? ("below_pods", "\(spec.maximumPods) of \(node.pods)") : nil
    }

    private func isNamed(_ spec: InstanceSpec, _ patterns: [NamePattern]) -> Bool {
        patterns.contains { $0.matches(type: spec.name, family: spec.family) }
    }
}
