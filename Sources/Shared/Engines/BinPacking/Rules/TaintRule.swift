import Contract

/// Which nodes a pod's tolerations allow.
///
/// Kubernetes: pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go (`Filter`): every NoSchedule and
/// NoExecute taint must be tolerated. Stricter than Kubernetes in one point: a NoExecute taint that is borne for some
/// seconds only would let the pod come and throw it out again, so such a toleration does not count here.
struct TaintRule: Sendable, Hashable {
    var tolerations: [Toleration]

    init(_ pod: Pod) { tolerations = pod.tolerations }

    func allows(_ taints: [Taint]) -> Bool {
        taints.allSatisfy { taint in
            !taint.isHard
                || tolerations.contains { $0.tolerates(taint) && (taint.effect != .noExecute || $0.seconds == nil) }
        }
    }

    /// As the spread constraints' node policy looks at it: Kubernetes' own rule.
    func tolerates(_ taints: [Taint]) -> Bool { tolerations.tolerate(taints) }

    /// What a cordon puts on a node.
    static let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: .noSchedule)
}
