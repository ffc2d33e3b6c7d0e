import Contract

/// Which cluster a machine or disk belongs to, as its tags say.
struct ClusterOwnership: Sendable, Hashable {
    /// Names of clusters that own it, sorted.
    private(set) var owners: [String] = []
    /// Names of clusters that use it together with others, sorted.
    private(set) var sharers: [String] = []
    /// A tag that only clusters write, without the name of one.
    private(set) var hasNamelessMark = false

    var names: [String] { sharers.isEmpty ? owners : Set(owners + sharers).sorted() }
    var isNone: Bool { owners.isEmpty && sharers.isEmpty && !hasNamelessMark }

    func names(_ cluster: String) -> Bool { owners.contains(cluster) || sharers.contains(cluster) }

    /// What a tag's key says about clusters.
    enum Meaning {
        case nothing
        /// The value is the cluster's name.
        case nameInValue
        /// The key holds the name, the value says whether it is owned or shared.
        case nameInKey(String)
        /// The key holds the name when the value says `owned`.
        case autoscaler(String)
        /// Only clusters write it.
        case mark
    }

    private static let nameKeys: Set<String> = [
        "eks:cluster-name", "aws:eks:cluster-name", "eks:eks-cluster-name", "kubernetescluster",
        "alpha.eksctl.io/cluster-name",
    ]
    private static let namePrefixes = [
        "kubernetes.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/",
    ]
    private static let autoscalerPrefix = "k8s.io/cluster-autoscaler/"
    private static let markKeys: Set<String> = [
        "eks:nodegroup-name", "karpenter.sh/nodepool", "karpenter.sh/provisioner-name", "karpenter.sh/nodeclaim",
        "karpenter.sh/managed-by",
    ]
    private static let markPrefixes = ["karpenter.k8s.aws/", "alpha.eksctl.io/"]

    static func lexicon() -> TagLexicon<Meaning> { TagLexicon(meaning) }

    private static func meaning(_ key: String) -> Meaning {
        let small = key.lowercased()
        if nameKeys.contains(small) { return .nameInValue }
        for prefix in namePrefixes where small.hasPrefix(prefix) {
            // The name keeps its case, unlike the key before it.
            let name = String(key.dropFirst(prefix.count))
            return name.isEmpty ? .mark : .nameInKey(name)
        }
        if small.hasPrefix(autoscalerPrefix) {
            let name = String(key.dropFirst(autoscalerPrefix.count))
            let isFlag = name == "enabled" || name == "disabled" || name.utf8.contains(0x2F) || name.isEmpty
            return isFlag ? .mark : .autoscaler(name)
        }
        return markKeys.contains(small) || markPrefixes.contains(where: small.hasPrefix) ? .mark : .nothing
    }

    private static func isOwned(_ value: String) -> Bool { value == "owned" || value.lowercased() == "owned" }

    init(_ tags: Labels) {
        var lexicon = Self.lexicon()
        self.init(tags, &lexicon)
    }

    init(_ tags: Labels, _ lexicon: inout TagLexicon<Meaning>) {
        for tag in tags {
            switch lexicon(tag.key) {
            case .nothing: continue
            case .mark: hasNamelessMark = true
            case .nameInValue:
                if tag.value.isEmpty { hasNamelessMark = true } else { owners.append(tag.value) }
            case .nameInKey(let name):
                if Self.isOwned(tag.value) { owners.append(name) } else { sharers.append(name) }
            case .autoscaler(let name):
                if Self.isOwned(tag.value) { owners.append(name) } else { hasNamelessMark = true }
            }
        }
        if owners.count > 1 { owners = Set(owners).sorted() }
        if !sharers.isEmpty { sharers = Set(sharers).subtracting(owners).sorted() }
    }
}
