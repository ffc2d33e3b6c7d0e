import Contract

/// Whether a pod may be evicted, and why not.
///
/// Sources: Cluster Autoscaler's drain rules (simulator/drainability: bare pods, local storage, `safe-to-evict`) and
/// Karpenter's (`do-not-disrupt`, "true" or a duration since the pod's start, on DaemonSet pods too). A pod without a
/// controller never comes back, so no annotation opens that rule.
struct EvictionRule: Sendable {
    let options: PackOptions
    let now: Timestamp

    func pin(_ pod: Pod) -> NodeBlock? {
        if let block = annotationPin(pod) { return block }
        let name = pod.key.description
        if pod.isBare { return NodeBlock("pod_without_controller", pod: name) }
        let annotations = pod.meta.annotations
        let isReleased = annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "true"
        if !isReleased, !options.allowsLocalStorage, let volume = localVolume(pod) {
            return NodeBlock("local_storage", pod: name, detail: volume)
        }
        if !isReleased, options.protectsSystemPods, isSystem(pod) { return NodeBlock("system_pod", pod: name) }
        return nil
    }

    /// Somebody asked not to be disturbed; this counts for the pods of DaemonSets too.
    func annotationPin(_ pod: Pod) -> NodeBlock? {
        let annotations = pod.meta.annotations
        let name = pod.key.description
        if annotations["karpenter.sh/do-not-evict"] == "true" { return NodeBlock("do_not_disrupt", pod: name) }
        if let wish = annotations["karpenter.sh/do-not-disrupt"], isInForce(wish, pod) {
            return NodeBlock("do_not_disrupt", pod: name, detail: wish == "true" ? nil : wish)
        }
        if annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false" {
            return NodeBlock("safe_to_evict_false", pod: name)
        }
        return nil
    }

    /// A duration counts from the pod's start; one that cannot be read, or a start that is not known, counts as for ever.
    private func isInForce(_ wish: String, _ pod: Pod) -> Bool {
        if wish == "true" { return true }
        if wish == "false" || wish.isEmpty { return false }
        guard let length = GoDuration.milliseconds(wish), let start = pod.startTime ?? pod.meta.createdAt else {
            return true
        }
        return now.milliseconds < start.milliseconds.addingClamped(length)
    }

    private func localVolume(_ pod: Pod) -> String? {
        let released = pod.meta.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"] ?? ""
        let names = released.split(separator: ",").map(String.init)
        return pod.volumes.first { volume in
            switch volume.source {
            case .hostPath: !names.contains(volume.name)
            case .emptyDir(let inMemory, _): !inMemory && !names.contains(volume.name)
            default: false
            }
        }?.name
    }

    private func isSystem(_ pod: Pod) -> Bool {
        pod.namespace == "kube-system" || pod.priorityClass.hasPrefix("system-")
    }

    /// Karpenter, pkg/utils/disruption: 1 + deletion cost / 2^27 + priority / 2^25, held within -10...10.
    static func disruption(_ pod: Pod) -> Double {
        let written = pod.meta.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap { Int64($0) } ?? 0
        let cost = 1 + Double(written) / 134_217_728 + Double(pod.priority) / 33_554_432
        return min(10, max(-10, cost))
    }
}
