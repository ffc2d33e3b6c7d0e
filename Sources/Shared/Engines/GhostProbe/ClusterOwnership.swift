import Contract

/// Which cluster a machine or disk belongs to, as its tags say.
struct ClusterOwnership: Sendable, Hashable {
    /// Names of clusters that own it, sorted.
    private(set) var owners: [String] = []
    /// Names of clusters that use it together with others, sorted.
    private(set) var sharers: [String] = []
    /// A tag that only clusters write, without the name of one.
    private(set) var hasNamelessMark = false

    var names: [String] { Set(owners + sharers).sorted() }
    var isNone: Bool { owners.isEmpty && sharers.isEmpty && !hasNamelessMark }

    /// Keys whose value is the cluster's name.
    private static let nameKeys: Set<String> = [
        "eks:cluster-name", "aws:eks:cluster-name", "eks:eks-cluster-name", "kubernetescluster",
        "alpha.eksctl.io/cluster-name",
    ]
    /// Keys that end in the cluster's name and say how it is used.
    private static let namePrefixes = [
        "kubernetes.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/",
    ]
    private static let autoscalerPrefix = "k8s.io/cluster-autoscaler/"
    private static let markKeys: Set<String> = [
        "eks:nodegroup-name", "karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "karpenter.sh/nodeclaim",
        "karpenter.sh/managed-by",
    ]
    private static let markPrefixes = ["karpenter.k8s.aws/", "alpha.eksctl.io/", "k8s.io/cluster-autoscaler/"]

    init(_ tags: Labels) {
        guard !tags.isEmpty else { return }
        var owning: Set<String> = []
        var sharing: Set<String> = []
        for tag in tags { read(tag.key, tag.value, &owning, &sharing) }
        guard !owning.isEmpty || !sharing.isEmpty else { return }
        owners = owning.sorted()
        sharers = sharing.subtracting(owning).sorted()
    }

    private mutating func read(
        _ key: String,
        _ value: String,
        _ owning: inout Set<String>,
        _ sharing: inout Set<String>
    ) {
        // Most tags have nothing to do with clusters: all of ours hold a colon, a slash, or this one word.
        guard key.utf8.contains(where: { $0 == 0x3A || $0 == 0x2F }) || key.utf8.count == 17 else { return }
        let small = key.lowercased()
        if Self.nameKeys.contains(small) {
            if value.isEmpty { hasNamelessMark = true } else { owning.insert(value) }
            return
        }
        for prefix in Self.namePrefixes where small.hasPrefix(prefix) {
            // The name keeps its case, unlike the key before it.
            let name = String(key.dropFirst(prefix.count))
            guard !name.isEmpty else { return hasNamelessMark = true }
            if value.lowercased() == "owned" { owning.insert(name) } else { sharing.insert(name) }
            return
        }
        if small.hasPrefix(Self.autoscalerPrefix) {
            let name = String(key.dropFirst(Self.autoscalerPrefix.count))
            let isFlag = name == "enabled" || name == "disabled" || name.contains("/") || name.isEmpty
            if !isFlag, value.lowercased() == "owned" { owning.insert(name) } else { hasNamelessMark = true }
            return
        }
        if Self.markKeys.contains(small) || Self.markPrefixes.contains(where: small.hasPrefix) {
            hasNamelessMark = true
        }
    }
}
