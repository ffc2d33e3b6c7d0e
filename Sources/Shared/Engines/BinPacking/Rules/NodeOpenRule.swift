import Contract

/// Whether a node takes pods at all, and whether it may be drained.
///
/// Kubernetes: pkg/scheduler/framework/plugins/nodeunschedulable (cordoned nodes), and the taints of nodes that are not
/// ready. Nodes on their way out take nothing either. What nobody may drain: the control plane, nodes outside our
/// reach, nodes in trouble or in somebody's hands, and nodes whose owner said so (Cluster Autoscaler's
/// `scale-down-disabled`, Karpenter's `do-not-disrupt`).
enum NodeOpenRule {
    static func closedTo(_ node: Node) -> String? {
        if node.isTerminating { return "terminating" }
        if !node.isReady { return "not_ready" }
        if node.unschedulable { return "cordoned" }
        if node.isFargate { return "fargate" }
        return nil
    }

    static func blocks(_ node: Node) -> [NodeBlock] {
        var blocks: [NodeBlock] = []
        if let reason = closedTo(node) { blocks.append(NodeBlock(reason)) }
        if node.isControlPlane { blocks.append(NodeBlock("control_plane")) }
        if node.isHybrid { blocks.append(NodeBlock("hybrid_node")) }
        let annotations = node.meta.annotations
        if annotations["cluster-autoscaler.kubernetes.io/scale-down-disabled"] == "true" {
            blocks.append(NodeBlock("scale_down_disabled"))
        }
        if annotations["karpenter.sh/do-not-disrupt"] == "true"
            || annotations["karpenter.sh/do-not-consolidate"] == "true"
        {
            blocks.append(NodeBlock("node_do_not_disrupt"))
        }
        return blocks
    }
}
