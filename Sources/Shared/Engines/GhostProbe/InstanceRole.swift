import Contract

/// What a machine is for, where its tags, profile or name tell: some are never touched.
enum InstanceRole: String, Sendable {
    case controlPlane = "control_plane"
    case bastion

    private static let roleKeys: Set<String> = [
        "k8s.io/role/master", "k8s.io/role/control-plane", "k8s.io/role/apiserver", "k8s.io/etcd/main",
        "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master",
    ]
    /// Tags whose values name a role.
    private static let namingKeys: Set<String> = [
        "name", "role", "aws:cloudformation:logical-id", "purpose", "component",
    ]

    static func of(_ instance: EC2Instance) -> InstanceRole? {
        for tag in instance.tags {
            let key = tag.key.lowercased()
            if roleKeys.contains(key) || key.hasPrefix("k8s.io/etcd/") { return .controlPlane }
            // Cluster API writes its own key.
            if key == "sigs.k8s.io/cluster-api-provider-aws/role" {
                if tag.value.lowercased() == "bastion" { return .bastion }
                if tag.value.lowercased() == "control-plane" { return .controlPlane }
            }
            if namingKeys.contains(key), let role = named(tag.value) { return role }
        }
        return named(instance.iamInstanceProfile)
    }

    private static func named(_ text: String) -> InstanceRole? {
        guard text.utf8.count >= 4 else { return nil }
        let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word.hasPrefix("bastion") || word == "jumphost" || word == "jumpbox" { return .bastion }
            if word == "jump" && (next == "host" || next == "box") { return .bastion }
            if word.hasPrefix("master") || word.hasPrefix("controlplane")
                || word == "control" && next.hasPrefix("plane")
                || word == "etcd" || word == "apiserver"
            {
                return .controlPlane
            }
        }
        return nil
    }
}
